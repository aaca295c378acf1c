package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class EventLogTest {

    private static final Path FOLDER = Path.of("/state");
    private static final Path FILE = FOLDER.resolve("events.log");

    private FaultDisk disk = fresh();

    private static FaultDisk fresh() {
        FaultDisk disk = new FaultDisk(1);
        disk.put(FOLDER.resolve("other"), new byte[1]);
        return disk;
    }

    private EventLog open() {
        return EventLog.open(new SimulatedEnvironment(1, disk), FOLDER, "main");
    }

    @Test
    void eventsSurviveARestartAndTheirNumbersGoOn() {
        EventLog log = open();
        log.add(Severity.ERROR, "b", "degraded", "tab\there, line\nend, back\\slash, ≠");
        log.add(Severity.INFO, "", "serving", "serves");
        List<ArrayEvent> before = log.after(0, 10);
        log.close();

        EventLog again = open();
        again.add(Severity.INFO, "b", "recovered", "is back");

        assertThat(again.after(0, 10)).startsWith(before.toArray(ArrayEvent[]::new));
        assertThat(again.after(0, 10)).extracting(ArrayEvent::number).containsExactly(1L, 2L, 3L);
    }

    @Test
    void theNewestOfThoseAfterANumberAreGiven() {
        EventLog log = open();
        for (int i = 1; i <= 9; i++) {
            log.add(Severity.INFO, "", "k", "event " + i);
        }

        assertThat(log.after(3, 4)).extracting(ArrayEvent::number).containsExactly(6L, 7L, 8L, 9L);
        assertThat(log.after(9, 4)).isEmpty();
        assertThat(log.after(0, 0)).isEmpty();
    }

    @Test
    void aLineThatIsTornAnywhereIsLeftOutAndWhatFollowsIsKept() throws IOException {
        EventLog log = open();
        log.add(Severity.INFO, "a", "first", "one");
        log.close();
        int whole = disk.contents(FILE).length;
        log = open();
        log.add(Severity.INFO, "a", "second", "two");
        log.close();
        byte[] all = disk.contents(FILE);

        for (int torn = whole; torn < all.length - 1; torn++) {
            disk = fresh();
            disk.put(FILE, Arrays.copyOf(all, torn));
            EventLog after = open();
            after.add(Severity.INFO, "a", "third", "three");
            after.close();
            assertThat(open().after(0, 10))
                    .as("torn after %d bytes", torn)
                    .extracting(ArrayEvent::kind)
                    .containsExactly("first", "third");
        }
    }

    @Test
    void theFilesStayBoundedAndTheNewestEventsStay() throws IOException {
        EventLog log = open();
        String long1000 = "x".repeat(1000);
        for (int i = 0; i < 2000; i++) {
            log.add(Severity.INFO, "", "k", long1000);
        }
        log.close();

        long bytes = 0;
        for (Path file : disk.files()) {
            bytes += disk.contents(file).length;
        }
        assertThat(bytes).isLessThan(2L * EventLog.LARGEST + 10_000);
        List<ArrayEvent> kept = open().after(0, 10_000);
        assertThat(kept).hasSizeGreaterThan(EventLog.LARGEST / 1200);
        assertThat(kept.get(kept.size() - 1).number()).isEqualTo(2000);
    }

    @Test
    void aDiskThatRefusesThemDoesNotStopAnything() {
        EventLog log = open();
        log.add(Severity.INFO, "", "before", "");
        disk.rule(operation -> {
            throw new IOException("no");
        });

        log.add(Severity.INFO, "", "meanwhile", "");
        log.close();

        assertThat(log.after(0, 10)).extracting(ArrayEvent::kind).containsExactly("before", "meanwhile");
    }
}

package org.zeoraid.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.bytes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;

/** A journal whose machine crashes in any step, and loses a disk on top of that. */
class JournalCrashTest extends JournalRig {

    /** What was acknowledged before the crash. */
    private static final class Notes {
        final Map<String, String> prepared = new LinkedHashMap<>();
        final Map<String, Fate> ended = new LinkedHashMap<>();
        final List<String> asked = new ArrayList<>();
    }

    @Test
    void whateverStepTheCrashComesInNothingAcknowledgedIsLost() {
        long steps = new CrashWalk<>(JournalRig::fresh, Notes::new, this::scenario).walk(6, (left, noted) -> {
            check(left.copy(), noted);
            // One disk is lost on top of that.
            for (Path lost : FOLDERS) {
                FaultDisk rest = new FaultDisk();
                FOLDERS.stream().filter(folder -> !folder.equals(lost)).forEach(folder -> copy(left, folder, rest));
                rest.put(lost.resolve("something"), bytes("a new disk"));
                check(rest, noted);
            }
        });
        assertThat(steps).isGreaterThan(60);
    }

    private void scenario(FaultDisk crashing, Notes noted) {
        start(crashing);
        PreparedJournal journal = open();
        for (int i = 0; i < 6; i++) {
            String name = "t" + i;
            String text = (i % 3 == 2 ? "large " : "small ").repeat(i % 3 == 2 ? 200 : 2) + i;
            noted.asked.add(name);
            prepare(journal, name, data(i, text));
            refuseToRunOn(crashing);
            noted.prepared.put(name, text);
            if (i % 2 == 0) {
                Fate fate = i % 4 == 0 ? Fate.COMMITTED : Fate.ROLLED_BACK;
                String ending = "t" + i / 2;
                noted.prepared.remove(ending);
                await(journal.end(id(ending), fate, new Tid(50 + i)));
                refuseToRunOn(crashing);
                noted.ended.put(ending, fate);
            }
        }
        await(journal.close());
    }

    /** A machine that has crashed acknowledges nothing, though the process in this test goes on. */
    private static void refuseToRunOn(FaultDisk crashing) {
        if (crashing.hasCrashed()) {
            throw new IllegalStateException("crashed");
        }
    }

    private void check(FaultDisk left, Notes noted) {
        start(left);
        open();
        // What was found is there the next time too, without the other folders.
        FaultDisk found = disk.copy();
        check(startWith(found, STATE), noted);
        start(found);
        PreparedJournal journal = open();
        check(journal, noted);
        List<String> before = inDoubt(journal);
        prepare(journal, "next", data(99, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES)))
                .containsAll(before)
                .contains("next");
    }

    private void check(PreparedJournal journal, Notes noted) {
        assertThat(noted.asked).containsAll(inDoubt(journal));
        assertThat(inDoubt(journal)).containsAll(noted.prepared.keySet());
        noted.prepared.forEach((name, text) -> assertThat(
                        Steps.text(read(journal, name).get(0).data().orElseThrow()))
                .isEqualTo(text));
        noted.ended.forEach((name, fate) -> {
            assertThat(inDoubt(journal)).doesNotContain(name);
            assertThat(journal.end(id(name)).orElseThrow().fate()).isEqualTo(fate);
        });
    }
}

package org.zeoraid.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TidTest {

    /** The tids of a database that ZODB itself wrote. */
    private static List<Tid> writtenByZodb() throws IOException {
        try (InputStream in = TidTest.class.getResourceAsStream("/org/zeoraid/storage/pickle/history.fs")) {
            assertThat(in).isNotNull();
            ByteBuffer file = ByteBuffer.wrap(in.readAllBytes());
            List<Tid> tids = new ArrayList<>();
            for (int position = 4; position < file.capacity(); ) {
                tids.add(new Tid(file.getLong(position)));
                position += (int) file.getLong(position + 8) + 8;
            }
            return tids;
        }
    }

    @Test
    void aTidTellsItsTime() {
        assertThat(Tid.parse("040d2ed2bb002299").instant()).isEqualTo("2026-11-22T08:18:43.828248731Z");
        assertThat(Tid.at(Instant.parse("2026-11-22T08:18:43.828248731Z"))).hasToString("040d2ed2bb002299");
        assertThat(Tid.at(Instant.parse("1900-01-01T00:00:00Z"))).isEqualTo(Tid.NONE);
        assertThat(Tid.at(Instant.parse("1900-01-01T00:01:30Z"))).hasToString("0000000180000000");
        assertThat(Tid.at(Instant.parse("1900-02-01T00:00:00Z")).value() >>> 32).isEqualTo(31 * 24 * 60);
    }

    @Test
    void theTidsOfARealDatabaseSurviveTheWayThroughTheirTimes() throws IOException {
        List<Tid> tids = writtenByZodb();

        assertThat(tids).hasSize(259).isSorted();
        assertThat(tids.get(0)).hasToString("040d2ed2bb002299");
        assertThat(tids).allSatisfy(tid -> {
            assertThat(Tid.at(tid.instant())).isEqualTo(tid);
            assertThat(Tid.parse(tid.toString())).isEqualTo(tid);
            // The calendar by hand, as its description says.
            long minutes = tid.value() >>> 32;
            String date = String.format(
                    "%04d-%02d-%02dT%02d:%02d",
                    1900 + minutes / (12 * 31 * 24 * 60),
                    minutes / (31 * 24 * 60) % 12 + 1,
                    minutes / (24 * 60) % 31 + 1,
                    minutes / 60 % 24,
                    minutes % 60);
            assertThat(tid.instant().toString()).startsWith(date);
        });
    }

    @Test
    void anyMomentGivesATidThatGivesItBack() {
        Random random = new Random(8);
        for (int i = 0; i < 100_000; i++) {
            Instant moment = Instant.ofEpochSecond(
                    random.nextLong(-2_208_988_800L, 32_000_000_000L), random.nextInt(1_000_000_000));
            Tid tid = Tid.at(moment);
            // A tick is just under 14 ns.
            assertThat(tid.instant()).isBetween(moment.minusNanos(14), moment);
            assertThat(Tid.at(tid.instant())).isEqualTo(tid);
        }
    }

    @Test
    void laterMomentsNeverHaveEarlierTids() {
        Instant moment = Instant.parse("2024-02-28T23:59:59.999999000Z");
        Tid last = Tid.NONE;
        for (int i = 0; i < 5_000; i++) {
            Tid tid = Tid.at(moment.plusNanos(i));
            assertThat(tid).isGreaterThanOrEqualTo(last);
            last = tid;
        }
        assertThat(last.instant()).isAfter("2024-02-29T00:00:00Z");
    }

    @Test
    void aDayThatTheMonthDoesNotHaveIsItsLastMoment() {
        long thirtyFirstOfFebruary =
                Tid.at(Instant.parse("2023-02-28T00:00:00Z")).value() + (3L * 24 * 60 << 32);

        assertThat(new Tid(thirtyFirstOfFebruary).instant()).isEqualTo("2023-02-28T23:59:59.999999999Z");
    }

    @Test
    void theNextTidIsTheClocksOrJustAfterTheLast() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        Tid clock = Tid.at(now);

        assertThat(Tid.next(Tid.NONE, now)).isEqualTo(clock);
        assertThat(Tid.next(clock.before(), now)).isEqualTo(clock);
        assertThat(Tid.next(clock, now)).isEqualTo(clock.after());
        Tid ahead = Tid.at(now.plusSeconds(5));
        assertThat(Tid.next(ahead, now)).isEqualTo(ahead.after());
    }

    @Test
    void tidsAreComparedAsUnsignedNumbers() {
        Tid high = new Tid(-1);

        assertThat(high).isGreaterThan(Tid.MAX);
        assertThat(high.isAfter(Tid.MAX)).isTrue();
        assertThat(Tid.MAX).isGreaterThan(Tid.NONE);
        assertThat(Tid.NONE.after()).isEqualTo(new Tid(1));
    }

    @Test
    void whatIsNoTidIsRefused() {
        for (String text : List.of(
                "",
                "040d2ed2bb00229",
                "040d2ed2bb0022999",
                "040d2ed2bb00229g",
                "+40d2ed2bb002299",
                "-40d2ed2bb002299",
                "０40d2ed2bb002299")) {
            assertThatThrownBy(() -> Tid.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Tid.parse("040D2ED2BB002299")).hasToString("040d2ed2bb002299");
        assertThatThrownBy(() -> Tid.at(Instant.parse("1899-12-31T23:59:59Z")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(Tid.NONE::before).isInstanceOf(IllegalStateException.class);
    }
}

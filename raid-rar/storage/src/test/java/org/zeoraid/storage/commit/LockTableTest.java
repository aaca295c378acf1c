package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.commit.LockTable.Holder;
import org.zeoraid.storage.commit.LockTable.Mode;
import org.zeoraid.storage.contract.RandomHistory;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class LockTableTest {

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final LockTable table = new LockTable(environment, Duration.ofSeconds(5));

    private static Holder holder() {
        return new Holder(TransactionMeta.EMPTY);
    }

    private static SortedMap<Oid, Mode> wanting(Mode mode, long... oids) {
        SortedMap<Oid, Mode> wanted = new TreeMap<>();
        for (long oid : oids) {
            wanted.put(oid(oid), mode);
        }
        return wanted;
    }

    private CompletionStage<Void> write(Holder holder, long... oids) {
        return table.acquire(holder, wanting(Mode.EXCLUSIVE, oids));
    }

    private CompletionStage<Void> read(Holder holder, long... oids) {
        return table.acquire(holder, wanting(Mode.SHARED, oids));
    }

    @Test
    void readersShareAndWritersDoNot() {
        Holder first = holder();
        Holder second = holder();
        Holder third = holder();
        await(read(first, 1, 2));
        await(read(second, 2, 3));
        CompletionStage<Void> writing = write(third, 2);
        assertThat(isDone(writing)).isFalse();

        table.release(first);
        assertThat(isDone(writing)).isFalse();
        table.release(second);

        await(writing);
        table.release(third);
        assertThat(table.size()).isZero();
    }

    @Test
    void whoCameFirstIsServedFirst() {
        Holder owner = holder();
        await(read(owner, 1));
        Holder writer = holder();
        CompletionStage<Void> writing = write(writer, 1);
        Holder reader = holder();
        CompletionStage<Void> reading = read(reader, 1);

        assertThat(isDone(reading)).as("a reader behind a writer that waits").isFalse();
        table.release(owner);
        assertThat(isDone(writing)).isTrue();
        assertThat(isDone(reading)).isFalse();
        table.release(writer);
        assertThat(isDone(reading)).isTrue();
    }

    @Test
    void locksInAnyOrderNeverBlockEachOtherForGood() {
        Holder first = holder();
        Holder second = holder();
        await(write(first, 1, 2, 3));
        CompletionStage<Void> crossing = write(second, 3, 1);

        table.release(first);

        await(crossing);
    }

    @Test
    void whatIsHeldAlreadyIsHadAtOnce() {
        Holder holder = holder();
        await(write(holder, 1, 2));

        await(write(holder, 1, 3));
        await(read(holder, 1));

        table.release(holder);
        assertThat(table.size()).isZero();
    }

    @Test
    void aReaderBecomesAWriterWhenTheOthersAreGone() {
        Holder first = holder();
        Holder second = holder();
        Holder third = holder();
        await(read(first, 1));
        await(read(second, 1));
        CompletionStage<Void> waiting = write(third, 1);

        CompletionStage<Void> upgrade = write(first, 1);
        assertThat(isDone(upgrade)).isFalse();
        table.release(second);

        await(upgrade);
        assertThat(isDone(waiting)).isFalse();
        table.release(first);
        await(waiting);
    }

    @Test
    void aDeadlineEndsWhatBlocksItselfAndLetsOthersOn() {
        Holder first = holder();
        Holder second = holder();
        await(read(first, 1));
        await(read(second, 1));
        CompletionStage<Void> one = write(first, 1);
        environment.advance(Duration.ofSeconds(1));
        CompletionStage<Void> other = write(second, 1);

        environment.advance(Duration.ofMillis(4_001));
        failure(ConflictException.class, one);
        table.release(first);

        await(other);
    }

    @Test
    void aDeadlineOfOneThatWaitsLetsThoseBehindItOn() {
        Holder owner = holder();
        await(read(owner, 1));
        Holder writer = holder();
        CompletionStage<Void> writing = write(writer, 1);
        environment.advance(Duration.ofSeconds(2));
        Holder reader = holder();
        CompletionStage<Void> reading = read(reader, 1);

        environment.advance(Duration.ofMillis(3_001));

        failure(ConflictException.class, writing);
        await(reading);
    }

    @Test
    void whoReleasesEverythingWaitsNoMore() {
        Holder owner = holder();
        await(write(owner, 2));
        Holder waiter = holder();
        CompletionStage<Void> waiting = write(waiter, 1, 2);

        table.release(waiter);

        failure(StorageClosedException.class, waiting);
        failure(StorageClosedException.class, write(waiter, 7));
        await(write(holder(), 1));
        table.release(owner);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void randomRequestsNeverBreakTheRulesAndLeaveNothingBehind() {
        Random random = new Random(RandomHistory.seed());
        List<Holder> open = new ArrayList<>();
        Map<Holder, CompletionStage<Void>> stages = new HashMap<>();
        Map<Holder, SortedMap<Oid, Mode>> wanted = new HashMap<>();
        for (int step = 0; step < 5_000; step++) {
            if (random.nextInt(3) < 2 && open.size() < 8) {
                Holder holder = holder();
                SortedMap<Oid, Mode> wants = new TreeMap<>();
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    wants.put(oid(random.nextInt(6)), random.nextBoolean() ? Mode.SHARED : Mode.EXCLUSIVE);
                }
                open.add(holder);
                wanted.put(holder, wants);
                stages.put(holder, table.acquire(holder, wants));
            } else if (!open.isEmpty()) {
                table.release(open.remove(random.nextInt(open.size())));
            }
            Map<Oid, List<Mode>> held = new HashMap<>();
            open.stream().filter(holder -> isDone(stages.get(holder))).forEach(holder -> wanted.get(holder)
                    .forEach((oid, mode) ->
                            held.computeIfAbsent(oid, key -> new ArrayList<>()).add(mode)));
            assertThat(held.values()).allMatch(modes -> modes.size() == 1 || !modes.contains(Mode.EXCLUSIVE));
            assertThat(open.isEmpty() || open.stream().anyMatch(holder -> isDone(stages.get(holder))))
                    .as("somebody can go on")
                    .isTrue();
        }
        open.forEach(table::release);
        assertThat(table.size()).isZero();
        assertThat(stages.values()).allMatch(Steps::isDone);
    }
}

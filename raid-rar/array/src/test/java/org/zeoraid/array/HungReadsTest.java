package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Disks that hold up the very thread that reads them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HungReadsTest {

    private static final int OBJECTS = 40;

    private final SystemEnvironment environment = new SystemEnvironment("hung");

    @TempDir
    Path folder;

    private Rig rig = new Rig(environment, "a", "b");

    @AfterEach
    void letGo() {
        rig.sources.forEach(source -> source.faults().release());
        rig.log.close();
        environment.close();
    }

    private void write(Rig where) {
        rig = where;
        rig.commit(IntStream.range(0, OBJECTS).mapToObj(i -> i + "=x").toArray(String[]::new))
                .join();
    }

    /** Calls in a thread of its own, which may be held up. */
    private static <T> CompletableFuture<T> apart(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> call.get().whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        }));
        thread.setDaemon(true);
        thread.start();
        return answer;
    }

    private Seat seat(int member) {
        return rig.log.path().readers().all().stream()
                .filter(seat -> seat.member() == rig.members.get(member))
                .findFirst()
                .orElseThrow();
    }

    private @Nullable Seat readerOf(long oid) {
        return rig.log.path().readers().choose(Rig.oid(oid).value());
    }

    /** An object that is read from this member while all is well. */
    private long oidReadFrom(int member) {
        Seat seat = seat(member);
        return IntStream.range(0, OBJECTS)
                .filter(oid -> readerOf(oid) == seat)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aMemberThatHoldsUpTheOnlyReaderIsTakenOutBecauseAnotherAnswersTheSame() {
        write(rig);
        rig.faults(0).reads(Faults.Read.BLOCK);
        long oid = oidReadFrom(0);
        CompletableFuture<String> stuck = apart(() -> rig.load(oid));

        await().until(() -> rig.keeper.state("a") == MemberState.DEGRADED);

        assertThat(rig.keeper.reason("a")).contains("a read hangs here");
        assertThat(rig.keeper.distrusted).isEmpty();
        assertThat(stuck).isNotDone();
        assertThat(rig.load(oid)).isCompletedWithValue("x");
    }

    @Test
    void whileReadsHangInAMemberNobodyElseIsSentThere() {
        write(rig);
        rig.faults(0).reads(Faults.Read.BLOCK);
        long oid = oidReadFrom(0);
        apart(() -> rig.load(oid));
        await().until(() -> readerOf(oid) == seat(1));

        for (int i = 0; i < OBJECTS; i++) {
            assertThat(rig.load(i)).isCompletedWithValue("x");
        }
    }

    @Test
    void ifReadsHangInAllMembersCallersAreHeldUpNoLongerThanAnAnswerMayTakeAndNobodyIsBlamed() {
        write(rig);
        long[] oids = {oidReadFrom(0), oidReadFrom(1)};
        rig.faults(0).reads(Faults.Read.BLOCK);
        rig.faults(1).reads(Faults.Read.BLOCK);
        for (long oid : oids) {
            apart(() -> rig.load(oid));
        }
        await().until(() -> readerOf(oids[0]) == null);

        CompletableFuture<String> load = rig.load(oids[0]);

        await().until(load::isDone);
        assertThat(Rig.failure(load)).isInstanceOf(StorageUnavailableException.class);
        assertThat(rig.keeper.current().optimal()).hasSize(2);
        rig.faults(0).release();
        rig.faults(1).release();
        await().until(() -> readerOf(oids[0]) != null);
        assertThat(rig.load(oids[0])).isCompletedWithValue("x");
    }

    @Test
    void aMemberThatHoldsUpAWalkIsTakenOut() {
        write(rig);
        Cursor<TransactionHeader> cursor = rig.log.headers(Tid.NONE, Tid.MAX);
        rig.faults(0).reads(Faults.Read.BLOCK);
        apart(() -> cursor.next(1).toCompletableFuture());

        await().until(() -> rig.keeper.state("a") == MemberState.DEGRADED);
    }

    @Test
    void noTimerIsHeldUpByTheMemberThatIsAskedBecauseAnotherIsSlow() {
        write(rig);
        long oid = oidReadFrom(0);
        rig.faults(0).reads(Faults.Read.HANG);
        rig.faults(1).reads(Faults.Read.BLOCK);
        int before = rig.faults(1).readCount();
        CompletableFuture<String> load = rig.load(oid);
        await().until(() -> rig.faults(1).readCount() > before);

        CompletableFuture<Void> fired = new CompletableFuture<>();
        environment.schedule(Duration.ZERO, () -> fired.complete(null));

        await().until(fired::isDone);
        await().until(load::isDone);
        assertThat(Rig.failure(load)).isInstanceOf(StorageUnavailableException.class);
    }

    @Test
    void aVoteThatWaitedHoldsUpNoCommitWhenItsReadHangsAndGoesOnElsewhere() {
        write(new Rig(environment, List.of("a", "b"), List.of(), source -> WorkerMember.of(source, environment)));
        TransactionalStorage storage = TransactionalStorage.open(
                        "main", rig.log, environment, CommitOptions.spillingTo(folder))
                .toCompletableFuture()
                .join();
        Tid serial = storage.lastTid().toCompletableFuture().join();
        StorageTransaction first = changing(storage, serial, 0, 1);
        first.vote().toCompletableFuture().join();
        StorageTransaction second = changing(storage, serial, 0, OBJECTS);
        CompletableFuture<List<Oid>> waiting = second.vote().toCompletableFuture();
        assertThat(waiting).isNotDone();
        StorageTransaction other = changing(storage, Tid.NONE, OBJECTS + 1, OBJECTS + 2);
        other.vote().toCompletableFuture().join();
        rig.faults(0).reads(Faults.Read.BLOCK);

        first.abort().toCompletableFuture().join();

        assertThat(other.finish().toCompletableFuture().join()).isGreaterThan(serial);
        assertThat(waiting.join()).isEmpty();
        assertThat(second.finish().toCompletableFuture().join()).isGreaterThan(serial);
    }

    private static StorageTransaction changing(TransactionalStorage storage, Tid based, int from, int to) {
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        List<Integer> oids = new ArrayList<>(IntStream.range(from, to).boxed().toList());
        oids.forEach(oid -> transaction.store(Rig.oid(oid), based, "y".getBytes(StandardCharsets.UTF_8)));
        return transaction;
    }
}

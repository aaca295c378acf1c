package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/**
 * Commits, reads, failures of every kind, recoveries and late superblocks, interleaved as a seed says. Whatever happens:
 * what was acknowledged is on every optimal member and never served older; what was reported as failed is on none; and the
 * optimal members are equal in the end.
 */
class DataPathSimulationTest {

    private static final int SEEDS = Integer.getInteger("raid.simulation.seeds", 200);
    private static final int STEPS = 80;
    private static final int OBJECTS = 4;

    @Test
    void whateverHappensPromisesHold() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                new Run(seed).run();
            } catch (RuntimeException | AssertionError e) {
                fail("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class Run {
        private final SplittableRandom random;
        private final SimulatedEnvironment environment;
        private final Rig rig;
        private final TransactionalStorage storage;
        private final Map<Long, Tid> lastAcknowledged = new HashMap<>();
        private final Set<Long> acknowledged = new HashSet<>();
        private final Set<Long> failed = new HashSet<>();
        private final List<CompletableFuture<?>> underWay = new ArrayList<>();
        private final Map<Integer, CompletableFuture<Void>> recoveries = new HashMap<>();
        private final List<String> trace = new ArrayList<>();
        private long counter;

        Run(long seed) {
            random = new SplittableRandom(seed);
            environment = new SimulatedEnvironment(seed);
            environment.workerDelay(Duration.ofMillis(1 + random.nextInt(30)));
            rig = new Rig(environment, List.of("a", "b", "c"), List.of(), s -> WorkerMember.of(s, environment));
            storage = environment.await(TransactionalStorage.open(
                    "main", rig.log, environment, CommitOptions.spillingTo(Path.of("/spill"))));
        }

        void run() {
            try {
                for (int i = 0; i < STEPS && isWriting(); i++) {
                    step();
                }
                end();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + String.join("\n", trace), e);
            }
        }

        private boolean isWriting() {
            return rig.keeper.brokenBecause.isEmpty();
        }

        private void step() {
            int member = random.nextInt(3);
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> commit(random.nextInt(OBJECTS));
                case 4, 5 -> read(random.nextInt(OBJECTS));
                case 6 -> {
                    Faults.Append[] all = Faults.Append.values();
                    Faults.Append fault = all[random.nextInt(all.length)];
                    if (fault != Faults.Append.LIE) {
                        note(member, fault.toString());
                        if (random.nextInt(2) == 0) {
                            rig.faults(member).appendOnce(fault);
                        } else {
                            rig.faults(member).appendsAfter(random.nextInt(4), fault);
                        }
                    }
                }
                case 7 -> {
                    Faults.Read[] faults = {
                        Faults.Read.UNAVAILABLE,
                        Faults.Read.DAMAGED,
                        Faults.Read.HANG,
                        Faults.Read.MISSING,
                        Faults.Read.NOTHING
                    };
                    Faults.Read fault = faults[random.nextInt(faults.length)];
                    note(member, "reads " + fault);
                    rig.faults(member).reads(fault);
                }
                case 8 -> {
                    note(member, "released");
                    rig.faults(member).release();
                }
                case 9 -> {
                    note(member, "does not open");
                    rig.faults(member).opening(Faults.Open.UNAVAILABLE);
                }
                case 10 -> {
                    if (random.nextInt(2) == 0) {
                        rig.keeper.holdMarks();
                    } else {
                        rig.keeper.releaseMarks();
                    }
                }
                case 11 -> recover(member);
                case 12 -> environment.advance(Duration.ofMillis(random.nextInt(200)));
                default -> environment.advance(Duration.ofMillis(random.nextInt(4000)));
            }
        }

        private void note(int member, String what) {
            trace.add(environment.elapsed() + " " + rig.members.get(member) + " " + what);
        }

        private void commit(long oid) {
            long number = ++counter;
            StorageTransaction transaction = storage.begin(TransactionMeta.of("u", Long.toString(number)));
            CompletableFuture<Tid> outcome = storage.serial(Rig.oid(oid))
                    .thenCompose(based -> {
                        transaction.store(
                                Rig.oid(oid), based, Long.toString(number).getBytes(StandardCharsets.UTF_8));
                        return transaction.vote();
                    })
                    .thenCompose(oids -> transaction.finish())
                    .toCompletableFuture();
            CompletableFuture<Tid> checked = outcome.whenComplete((tid, failure) -> {
                trace.add(environment.elapsed() + " commit " + number + " of " + oid + ": "
                        + (failure == null ? tid : Failures.cause(failure)) + " by " + optimal());
                if (failure == null) {
                    acknowledged.add(number);
                    lastAcknowledged.merge(oid, tid, (one, other) -> one.isAfter(other) ? one : other);
                    assertOnAllOptimal(number);
                    assertThat(rig.keeper.isDurable())
                            .as("who missed it is marked")
                            .isTrue();
                } else {
                    if (!(Failures.cause(failure) instanceof OutcomeUnknownException)) {
                        failed.add(number);
                    }
                    transaction.abort();
                }
            });
            underWay.add(checked);
        }

        private List<Member> optimal() {
            return rig.keeper.current().optimal().stream().map(Standing::member).toList();
        }

        private void assertOnAllOptimal(long number) {
            for (Member member : optimal()) {
                if (!numbers(rig.members.indexOf(member)).contains(number)) {
                    throw new AssertionError("commit " + number + " is acknowledged and not on " + member);
                }
            }
        }

        private void read(long oid) {
            Tid atLeast = lastAcknowledged.getOrDefault(oid, Tid.NONE);
            CompletableFuture<?> outcome = storage.loadBefore(Rig.oid(oid), Tid.MAX)
                    .thenAccept(revision -> {
                        Tid seen = revision.map(Revision::serial).orElseThrow();
                        assertThat(seen).as("object " + oid + " served").isGreaterThanOrEqualTo(atLeast);
                    })
                    .toCompletableFuture();
            underWay.add(outcome.handle((nothing, failure) -> {
                if (failure != null && Failures.cause(failure) instanceof AssertionError wrong) {
                    throw wrong;
                }
                return null;
            }));
        }

        private void recover(int index) {
            Member member = rig.members.get(index);
            MemberState state = rig.keeper.state(member.name());
            CompletableFuture<Void> before = recoveries.get(index);
            if (state == MemberState.OPTIMAL || (before != null && !before.isDone())) {
                return;
            }
            rig.keeper.current().of(member).flatMap(Standing::log).ifPresent(TransactionLog::close);
            CompletableFuture<TransactionLog> opened =
                    rig.sources.get(index).open().toCompletableFuture();
            if (opened.isCompletedExceptionally()) {
                return;
            }
            TransactionLog log = opened.join();
            member.resetSeen(log.lastTid().toCompletableFuture().join());
            boolean diverged = state == MemberState.DIVERGED;
            rig.keeper.put(member, MemberState.RECOVERING, log);
            note(index, "recovery");
            Recovery recovery = Resync.create(
                    environment,
                    Rig.OPTIONS,
                    rig.log,
                    rig.keeper,
                    member,
                    new Superblock.RecoveryNote(false, diverged, 0));
            CompletableFuture<Void> ended = recovery.start().toCompletableFuture();
            ended.thenRun(() -> note(
                    index, "recovered? " + rig.keeper.state(member.name()) + " " + rig.keeper.reason(member.name())));
            recoveries.put(index, ended);
        }

        private void end() {
            trace.add(environment.elapsed() + " the end");
            rig.keeper.releaseMarks();
            for (int i = 0; i < 3; i++) {
                rig.faults(i).release();
            }
            environment.advance(Duration.ofSeconds(60));
            for (CompletableFuture<?> each : underWay) {
                assertThat(each).as("everything has an end").isDone();
                each.exceptionally(failure -> {
                            if (Failures.cause(failure) instanceof AssertionError wrong) {
                                throw wrong;
                            }
                            return null;
                        })
                        .join();
            }
            for (Member member : optimal()) {
                Set<Long> there = numbers(rig.members.indexOf(member));
                assertThat(there).as("acknowledged, on " + member).containsAll(acknowledged);
                there.retainAll(failed);
                assertThat(there).as("failed, on " + member).isEmpty();
            }
            if (isWriting()) {
                recoverAll();
            }
        }

        private void recoverAll() {
            for (int i = 0; i < 3; i++) {
                for (int attempt = 0; attempt < 3; attempt++) {
                    recover(i);
                    environment.advance(Duration.ofSeconds(120));
                }
                assertThat(rig.keeper.state(rig.members.get(i).name()))
                        .as(rig.members.get(i) + " "
                                + rig.keeper.reason(rig.members.get(i).name()))
                        .isEqualTo(MemberState.OPTIMAL);
            }
            commit(0);
            environment.advance(Duration.ofSeconds(5));
            assertThat(acknowledged).contains(counter);
            List<TransactionDigest> first = digests(0);
            assertThat(digests(1)).isEqualTo(first);
            assertThat(digests(2)).isEqualTo(first);
        }

        private Set<Long> numbers(int member) {
            Set<Long> numbers = new HashSet<>();
            for (CommittedTransaction transaction : content(member)) {
                long number = Long.parseLong(transaction.header().meta().descriptionText());
                for (DataRecord entry : transaction.records()) {
                    assertThat(new String(entry.data().orElseThrow(), StandardCharsets.UTF_8))
                            .isEqualTo(Long.toString(number));
                }
                if (!numbers.add(number)) {
                    throw new AssertionError("commit " + number + " is there twice");
                }
            }
            return numbers;
        }

        private List<CommittedTransaction> content(int member) {
            return rig.contents
                    .get(member)
                    .open()
                    .thenCompose(log -> log.transactions(Tid.NONE, Tid.MAX).next(Long.MAX_VALUE))
                    .toCompletableFuture()
                    .join();
        }

        private List<TransactionDigest> digests(int member) {
            return content(member).stream().map(TransactionDigest::of).toList();
        }
    }
}

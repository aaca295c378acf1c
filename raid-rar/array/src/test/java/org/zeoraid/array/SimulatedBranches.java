package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/**
 * A transaction manager in a simulation: has branches prepared, writes down what it decides, and asks until that is done. It dies with
 * the machine, or does not. What the array says of its branches is held against what it was told before.
 */
final class SimulatedBranches {

    /** The objects of the simulation. */
    interface Objects {

        /** A branch was prepared, or may have been; nobody may see what it writes. */
        void held(long oid);

        /** What a branch writes may be seen from now on. */
        void mayShow(long oid, long number);

        /** What a branch wrote is there to stay. */
        void committed(long oid, long number, Tid tid);

        /** The branch has ended. */
        void free(long oid);
    }

    private enum Decision {
        NONE,
        COMMIT,
        ROLL_BACK
    }

    private static final class Branch {
        private final BranchId id;
        private final long oid;
        private final long number;
        private boolean isPrepared;
        private boolean isAsking;
        private boolean isEnded;
        private Decision decision = Decision.NONE;
        private Decider decider = Decider.TRANSACTION_MANAGER;

        Branch(BranchId id, long oid, long number) {
            this.id = id;
            this.oid = oid;
            this.number = number;
        }

        boolean isOpen() {
            return isPrepared && !isEnded && decision == Decision.NONE;
        }

        @Override
        public String toString() {
            return "branch " + id.words() + " (object " + oid + " = " + number + ")";
        }
    }

    private final SplittableRandom random;
    private final ArrayRig rig;
    private final Objects objects;
    private final Consumer<String> story;
    private final List<Branch> branches = new ArrayList<>();
    private int life;

    SimulatedBranches(SplittableRandom random, ArrayRig rig, Objects objects, Consumer<String> story) {
        this.random = random;
        this.rig = rig;
        this.objects = objects;
        this.story = story;
    }

    /** How many were committed. */
    long committed() {
        return branches.stream()
                .filter(branch -> branch.isEnded && branch.decision == Decision.COMMIT)
                .count();
    }

    /** Whether a branch holds an object, so that nobody else can write it. */
    boolean holds(long oid) {
        return branches.stream().anyMatch(branch -> branch.oid == oid && branch.isOpen());
    }

    private Optional<PreparedTransactions> prepared() {
        return rig.storage().prepared();
    }

    void prepare(long oid, long number) {
        String name = "branch-" + branches.size();
        BranchId id = new BranchId(1, name.getBytes(StandardCharsets.US_ASCII), new byte[] {1});
        Branch branch = new Branch(id, oid, number);
        CompletionStage<Void> prepared;
        try {
            StorageTransaction transaction = rig.storage().begin(TransactionMeta.of("test", name));
            prepared = rig.storage()
                    .serial(Rig.oid(oid))
                    .thenCompose(based -> {
                        // Some do not fit into the journal's entries.
                        String text = random.nextInt(4) == 0 ? "0".repeat(70_000) + number : Long.toString(number);
                        transaction.store(Rig.oid(oid), based, text.getBytes(StandardCharsets.US_ASCII));
                        return transaction.vote();
                    })
                    .thenCompose(nothing -> transaction.prepare(id));
        } catch (StorageException e) {
            return; // refused before anything was begun
        }
        branches.add(branch);
        branch.isAsking = true;
        objects.held(oid);
        int mine = life;
        prepared.whenComplete((nothing, failure) -> {
            if (mine != life) {
                return;
            }
            branch.isAsking = false;
            if (failure == null) {
                story.accept(branch + " is prepared");
                branch.isPrepared = true;
            } else {
                story.accept(branch + " is not prepared: " + Failures.text(failure));
                branch.decision = Decision.ROLL_BACK;
                roll(branch);
            }
        });
    }

    /** Decides something, asks once more for what was decided, or looks what is in doubt. */
    void act() {
        List<Branch> undecided = branches.stream().filter(Branch::isOpen).toList();
        if (!undecided.isEmpty() && random.nextBoolean()) {
            Branch branch = undecided.get(random.nextInt(undecided.size()));
            branch.decision = random.nextInt(3) == 0 ? Decision.ROLL_BACK : Decision.COMMIT;
            branch.decider = random.nextInt(8) == 0 ? Decider.ADMIN : Decider.TRANSACTION_MANAGER;
            story.accept(branch + ": " + branch.decision + " by " + branch.decider);
            if (branch.decision == Decision.COMMIT) {
                objects.mayShow(branch.oid, branch.number);
            }
        }
        if (random.nextInt(3) == 0) {
            recover();
        } else {
            askAgain();
        }
        checkFates();
    }

    void askAgain() {
        for (Branch branch : List.copyOf(branches)) {
            if (!branch.isEnded && !branch.isAsking && branch.decision == Decision.COMMIT) {
                commit(branch);
            } else if (!branch.isEnded && !branch.isAsking && branch.decision == Decision.ROLL_BACK) {
                roll(branch);
            }
        }
    }

    private void commit(Branch branch) {
        if (prepared().isEmpty()) {
            return;
        }
        branch.isAsking = true;
        int mine = life;
        prepared().get().commit(branch.id, branch.decider).whenComplete((tid, failure) -> {
            if (mine != life) {
                return;
            }
            branch.isAsking = false;
            if (failure == null) {
                story.accept(branch + " is committed as " + tid);
                branch.isEnded = true;
                objects.committed(branch.oid, branch.number, tid);
                objects.free(branch.oid);
            } else {
                assertThat(Failures.cause(failure)).as(branch + " is lost").isNotInstanceOf(ProtocolException.class);
                story.accept(branch + " is not committed yet: " + Failures.text(failure));
            }
        });
    }

    private void roll(Branch branch) {
        if (prepared().isEmpty()) {
            return;
        }
        branch.isAsking = true;
        int mine = life;
        prepared().get().rollback(branch.id, branch.decider).whenComplete((nothing, failure) -> {
            if (mine != life) {
                return;
            }
            branch.isAsking = false;
            boolean isUnknown = failure != null && Failures.cause(failure) instanceof ProtocolException;
            if (isUnknown) {
                assertThat(branch.isPrepared)
                        .as(branch + " cannot be rolled back: " + Failures.text(failure))
                        .isFalse();
            }
            if (failure == null || isUnknown) {
                story.accept(branch + " is rolled back");
                branch.isEnded = true;
                objects.free(branch.oid);
            } else {
                story.accept(branch + " is not rolled back yet: " + Failures.text(failure));
            }
        });
    }

    /** What a transaction manager is told that asks which branches are in doubt. */
    private void recover() {
        if (prepared().isEmpty()) {
            return;
        }
        int mine = life;
        PreparedTransactions asked = prepared().get();
        List<Branch> endedBefore = branches.stream()
                .filter(branch -> branch.isEnded && branch.isPrepared)
                .toList();
        asked.settled().whenComplete((nothing, failure) -> {
            if (mine != life || failure != null) {
                return;
            }
            List<BranchId> listed = asked.branches().stream()
                    .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT)
                    .map(PreparedBranch::id)
                    .toList();
            assertThat(listed)
                    .doesNotContainAnyElementsOf(
                            endedBefore.stream().map(branch -> branch.id).toList());
        });
    }

    private void checkFates() {
        if (prepared().isEmpty()) {
            return;
        }
        for (Branch branch : branches) {
            Optional<Fate> fate = prepared().get().fate(branch.id);
            if (branch.isOpen()) {
                assertThat(fate).as(branch + " is lost").contains(Fate.IN_DOUBT);
            } else if (branch.isEnded && branch.isPrepared && branch.decision == Decision.ROLL_BACK) {
                assertThat(fate.orElse(Fate.ROLLED_BACK))
                        .as(branch + " was rolled back")
                        .isIn(Fate.ROLLED_BACK, Fate.ROLLED_BACK_BY_ADMIN);
            } else if (branch.isEnded && branch.decision == Decision.COMMIT) {
                assertThat(fate.orElse(Fate.COMMITTED))
                        .as(branch + " was committed")
                        .isNotIn(Fate.ROLLED_BACK, Fate.ROLLED_BACK_BY_ADMIN);
            }
        }
    }

    /** The array's machine dies. What it has not answered the transaction manager rolls back. */
    void die() {
        life++;
        boolean managerDies = random.nextBoolean();
        for (Branch branch : branches) {
            branch.isAsking = false;
            if (!branch.isEnded && branch.decision == Decision.NONE && (managerDies || !branch.isPrepared)) {
                branch.decision = Decision.ROLL_BACK;
            }
        }
    }

    /** Whether all that was begun is decided and done. */
    boolean isDone() {
        branches.stream().filter(Branch::isOpen).forEach(branch -> {
            branch.decision = Decision.COMMIT;
            objects.mayShow(branch.oid, branch.number);
        });
        askAgain();
        return branches.stream().allMatch(branch -> branch.isEnded);
    }

    /** @param descriptions of all transactions that a member has */
    void checkAtEnd(List<String> descriptions) {
        assertThat(rig.array.preparedBranches().stream()
                        .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT))
                .isEmpty();
        for (Branch branch : branches) {
            long times = descriptions.stream().filter(branch.id.words()::equals).count();
            assertThat(times)
                    .as(branch + " was decided: " + branch.decision)
                    .isLessThanOrEqualTo(branch.decision == Decision.COMMIT ? 1 : 0);
        }
    }
}

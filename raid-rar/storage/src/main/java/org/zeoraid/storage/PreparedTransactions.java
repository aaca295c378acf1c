package org.zeoraid.storage;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The transactions of a storage that were prepared, see {@link StorageTransaction#prepare}, and how they end. They outlive the
 * process with all their locks. Safe for any number of threads.
 */
public interface PreparedTransactions {

    /** What is known of a branch. */
    enum Fate {
        IN_DOUBT,
        COMMITTED,
        ROLLED_BACK,
        COMMITTED_BY_ADMIN,
        ROLLED_BACK_BY_ADMIN
    }

    /** Who decides. */
    enum Decider {
        TRANSACTION_MANAGER,
        /** Instead of the transaction manager; what was decided is kept until {@link #forget}. */
        ADMIN
    }

    /** Branches in doubt, and those that an admin decided and nobody has forgotten yet, oldest first. */
    List<PreparedBranch> branches();

    /**
     * Asks the storage's log for the branches of which an earlier process may not have noted that they were committed; {@link
     * #branches} lists no such one afterwards.
     *
     * @throws StorageException (in the stage) if the log cannot be asked now; they are listed as in doubt then
     */
    CompletionStage<Void> settled();

    /** What is known of a branch; recent ends are remembered, over restarts too. Empty if nothing is known of it. */
    Optional<Fate> fate(BranchId id);

    /**
     * Commits a branch in doubt; a conflict cannot keep it from that. However often that is tried, and whatever dies in between,
     * it is applied once. If the stage fails the branch is in doubt as before, and keeps its locks. One that is being rolled back is
     * waited for.
     *
     * @return its tid; of a branch that has been committed already the tid that it got then
     * @throws ProtocolException (in the stage) if it is neither
     * @throws StorageException (in the stage) if it cannot be committed now
     */
    CompletionStage<Tid> commit(BranchId id, Decider decider);

    /**
     * Rolls back a branch in doubt and gives its locks back. Does nothing to one that has been rolled back. One that is being committed
     * is waited for.
     *
     * @throws ProtocolException (in the stage) if it is neither
     * @throws StorageException (in the stage) if that cannot be done now; the branch is in doubt as before
     */
    CompletionStage<Void> rollback(BranchId id, Decider decider);

    /** Forgets what became of a branch that has ended. Does nothing if nothing is known of it. */
    CompletionStage<Void> forget(BranchId id);
}

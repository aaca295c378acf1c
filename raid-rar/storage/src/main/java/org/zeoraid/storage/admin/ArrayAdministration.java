package org.zeoraid.storage.admin;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;

/**
 * What an admin can see of an array, and do to it; every door offers the same. Safe for any number of threads: of two
 * admins who ask at once for things that exclude each other one gets an {@link AdministrationException}.
 *
 * <p>Stages complete when the thing is under way (a recovery) or done (everything else), and fail with an {@link
 * AdministrationException} or a {@link org.zeoraid.storage.StorageException}.
 */
public interface ArrayAdministration {

    /** The name of the array. */
    String name();

    /** A consistent picture; never waits for a member. */
    ArrayStatus status();

    /** Events with numbers greater than {@code after}, oldest first, the newest {@code limit} of them. */
    List<ArrayEvent> events(long after, int limit);

    /** Takes a member out until an admin recovers it. The last optimal one is refused. */
    CompletionStage<Void> disable(String member);

    /** Starts the online recovery of a member that is degraded, disabled or waiting. */
    CompletionStage<Void> recover(String member);

    /** Starts a full rebuild of a member, diverged ones included: what it holds is set aside, and everything copied. */
    CompletionStage<Void> rebuild(String member);

    /** Pauses the recovery of a member until {@link #resume}. */
    CompletionStage<Void> pause(String member);

    /** Has a paused recovery go on. */
    CompletionStage<Void> resume(String member);

    /** Bounds what the recovery of a member copies, in bytes a second; 0 lifts the bound. */
    CompletionStage<Void> throttle(String member, long bytesPerSecond);

    /** Reads a member whole and checks it; the result is an event, and damage degrades the member. */
    CompletionStage<Void> verify(String member);

    /** Reads the configuration again. Refused, changing nothing, if it does not parse or would remove every optimal member. */
    CompletionStage<Void> reload();

    /** Packs all optimal members; the others do it when they are back. Refused while a member is packed or recovered. */
    CompletionStage<PackResult> pack(PackRequest request);

    /**
     * Makes an array that waits for members serve with those that are there.
     *
     * <p>This is {@code assemble --force}: what only the missing members hold is lost.
     */
    CompletionStage<Void> assembleByForce();

    /** Branches of global transactions that are in doubt, or that an admin decided and nobody has forgotten; oldest first. */
    default List<PreparedBranch> preparedBranches() {
        return List.of();
    }

    /**
     * Commits a branch in doubt instead of its transaction manager: a heuristic decision. Its transaction manager is told when it
     * asks, and the event log keeps it.
     */
    default CompletionStage<Void> commitBranch(BranchId branch) {
        return noBranch(branch);
    }

    /** Rolls a branch in doubt back instead of its transaction manager: a heuristic decision, like {@link #commitBranch}. */
    default CompletionStage<Void> rollbackBranch(BranchId branch) {
        return noBranch(branch);
    }

    /** Forgets a branch that an admin decided; its transaction manager is not told any more. */
    default CompletionStage<Void> forgetBranch(BranchId branch) {
        return noBranch(branch);
    }

    private CompletionStage<Void> noBranch(BranchId branch) {
        return CompletableFuture.failedFuture(new AdministrationException(
                AdministrationException.Refusal.UNKNOWN, "array " + name() + " has no prepared branch " + branch));
    }
}

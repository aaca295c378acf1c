package org.zeoraid.storage.admin;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;

/**
 * What an admin can see of an array, and do to it; every door offers the same. Safe for any number of threads: of two
 * admins who ask at once for things that exclude each other one gets an {@link AdministrationException}.
 *
 * <p>Stages complete when the thing is under way (a recovery) or done (everything else), and fail with an {@link
 * AdministrationException} or a {@link org.zeoraid.storage.StorageException}.
 */
public interface ArrayAdministration {

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

    CompletionStage<Void> resume(String member);

    /** Bounds what the recovery of a member copies, in bytes a second; 0 lifts the bound. */
    CompletionStage<Void> throttle(String member, long bytesPerSecond);

    /** Reads a member whole and checks it; the result is an event, and damage degrades the member. */
    CompletionStage<Void> verify(String member);

    /** Reads the configuration again. Refused, changing nothing, if it does not parse or would remove every optimal member. */
    CompletionStage<Void> reload();

    CompletionStage<PackResult> pack(PackRequest request);

    /**
     * Makes an array that waits for members serve with those that are there.
     *
     * <p>This is {@code assemble --force}: what only the missing members hold is lost.
     */
    CompletionStage<Void> assembleByForce();
}

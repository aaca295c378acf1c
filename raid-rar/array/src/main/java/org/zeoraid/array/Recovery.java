package org.zeoraid.array;

import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.admin.OperationStatus;

/**
 * The recovery of one member from its start to its end, as the array holds on to it. It works on a member that is
 * {@code recovering} and whose log is open, and ends it in {@code optimal}, {@code degraded} or {@code diverged} through
 * the {@link MembershipKeeper}. Safe for any number of threads.
 */
interface Recovery {

    Member member();

    /** Begins. Completes when it has ended, well or not; never exceptionally, for the keeper has been told how. */
    CompletionStage<Void> start();

    /** What it does now; never waits for anybody. */
    OperationStatus status();

    void pause();

    void resume();

    /** Bounds what is copied, in bytes a second; 0 lifts the bound. */
    void throttle(long bytesPerSecond);

    /** Gives up soon, leaving the member as it is then; the stage of {@link #start} completes. The caller has moved the member on. */
    void cancel();
}

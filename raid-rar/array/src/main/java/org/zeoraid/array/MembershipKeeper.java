package org.zeoraid.array;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent;

/**
 * The one place where membership is decided: one decision at a time, by a table of legal moves, each with its reason,
 * logged, counted, put into the event log and written to the superblock. Safe for any number of threads; no method
 * blocks.
 *
 * <p>A stage that stands for a decision completes once the superblock of its generation is on stable storage in the
 * state directory and beside every optimal local member (a local member where it cannot be written is degraded for
 * that). While it cannot be written in the state directory the stage waits, and service is stopped; after a while it fails
 * with an {@link org.zeoraid.storage.ArrayFailedException}, the array has stopped for good then, and nothing may be
 * acknowledged that counts on the decision. Stages fail with an {@link IllegalStateException} for a move that is not in the table.
 */
interface MembershipKeeper {

    /** What became of a wish to take a member out. */
    enum Verdict {
        /** It is out, and that is on stable storage. */
        OUT,
        /** It is the last optimal member, and stays. The failure is the caller's to report. */
        LAST_OPTIMAL
    }

    /** The membership now: the newest that was decided. */
    Membership current();

    /**
     * Told of every new membership, on the keeper's thread, in order. Must not block.
     *
     * @return ends that
     */
    Runnable listen(Consumer<Membership> listener);

    /**
     * Takes a member out that failed, hung or answered wrongly. It gets no new calls from the moment of the decision; its
     * log is closed in the background. A member that is out already is {@link Verdict#OUT} again (once that is on stable
     * storage), so every commit that missed a member may ask for itself.
     *
     * @param firstMissed the first transaction that it does not have, {@link Tid#NONE} if it has missed none so far
     */
    CompletionStage<Verdict> degrade(Member member, String reason, Tid firstMissed);

    /**
     * As {@link #degrade}, for a member that could only not be reached, or did not answer. That is remembered over restarts: it
     * may be taken back without an admin.
     */
    default CompletionStage<Verdict> away(Member member, String reason, Tid firstMissed) {
        return degrade(member, reason, firstMissed);
    }

    /**
     * As {@link #degrade}, for a member that is taken out for what it holds: damaged, lost or wrong. That is remembered over
     * restarts; it does not come back before all that it holds was compared, or set aside.
     */
    CompletionStage<Verdict> distrust(Member member, String reason, Tid firstMissed);

    /** A member that is being recovered turns out to hold transactions that the array does not, beyond repair by itself. */
    CompletionStage<Verdict> diverged(Member member, String reason);

    /**
     * The switch at the end of a recovery: from the membership that this publishes on, the member takes part. The caller
     * keeps commits from being sent between its last look at the member's tail and the completion of the stage.
     */
    CompletionStage<Void> optimal(Member member);

    /** A rebuild has set its member's content aside: after a restart it goes on as any other recovery. */
    CompletionStage<Void> contentSetAside(Member member);

    /**
     * Writing stops until an admin decides: a transaction that is not ours was found, or members cannot be brought to
     * agree. Survives a restart. Reading goes on where the fail mode allows it.
     */
    CompletionStage<Void> stop(String reason);

    /**
     * Closes a member's log and opens it again, for one whose last appends have an unknown outcome or that must start
     * afresh. Meanwhile its {@link Standing#log()} is empty. Fails with a {@link org.zeoraid.storage.StorageException} if it
     * cannot be opened within its deadline; its state is left as it is.
     */
    CompletionStage<Standing> reopen(Member member);

    /** The way to ask of a member's log what may hold up the thread that asks. */
    Reach reach(Member member, TransactionLog log);

    /**
     * Nobody can tell any more what was committed last, or who must be believed. Service ends, all logs are closed, and the
     * array is assembled afresh from what lies on the disks.
     */
    void broken(String reason);

    /**
     * A transaction is on all optimal members and about to be acknowledged. Cheap: the superblock's last and settled tid
     * follow lazily.
     */
    void acknowledged(Tid tid);

    /** Puts something into the event log, and the log. */
    void event(ArrayEvent.Severity severity, String member, String kind, String text);
}

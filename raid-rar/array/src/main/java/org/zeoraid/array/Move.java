package org.zeoraid.array;

import static org.zeoraid.storage.admin.MemberState.DEGRADED;
import static org.zeoraid.storage.admin.MemberState.DISABLED;
import static org.zeoraid.storage.admin.MemberState.DIVERGED;
import static org.zeoraid.storage.admin.MemberState.OPTIMAL;
import static org.zeoraid.storage.admin.MemberState.RECOVERING;
import static org.zeoraid.storage.admin.MemberState.WAITING;

import java.util.EnumSet;
import java.util.Set;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;

/**
 * The table of legal moves: what can happen to a member, in which states, and which state it is in then. What is not here
 * does not happen.
 */
enum Move {
    /** Seen at the start, and up to date: the superblock says so and its tail agrees. */
    ASSEMBLED(OPTIMAL, Severity.INFO, "assembled", WAITING),
    /** An admin assembled the array by force, and this member's content is the truth now. */
    FORCED(OPTIMAL, Severity.WARNING, "forced", WAITING, DEGRADED, DISABLED, DIVERGED),
    /** Seen, and not up to date, or not trusted. */
    FOUND_STALE(DEGRADED, Severity.WARNING, "degraded", WAITING),
    /** Failed, hung or answered wrongly; or its recovery did. */
    FAILED(DEGRADED, Severity.ERROR, "degraded", OPTIMAL, RECOVERING),
    /** Holds what the array does not. */
    DIVERGED_HISTORY(DIVERGED, Severity.ERROR, "diverged", WAITING, RECOVERING, DEGRADED),
    /** An admin took it out. */
    TAKEN_OUT(DISABLED, Severity.WARNING, "disabled", OPTIMAL, RECOVERING, DEGRADED, DIVERGED, WAITING),
    /** An admin asked for its recovery, or one goes on after a restart. */
    RECOVERY(RECOVERING, Severity.INFO, "recovering", DEGRADED, DISABLED, WAITING),
    /** An admin asked for its full rebuild. */
    REBUILD(RECOVERING, Severity.INFO, "rebuilding", DEGRADED, DISABLED, WAITING, DIVERGED),
    /** It has everything. */
    RECOVERED(OPTIMAL, Severity.INFO, "recovered", RECOVERING);

    private final MemberState to;
    private final Severity severity;
    private final String word;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Set<MemberState> from;

    Move(MemberState to, Severity severity, String word, MemberState first, MemberState... others) {
        this.to = to;
        this.severity = severity;
        this.word = word;
        this.from = EnumSet.of(first, others);
    }

    MemberState to() {
        return to;
    }

    Severity severity() {
        return severity;
    }

    /** The stable word of the event that tells of this move. */
    String word() {
        return word;
    }

    boolean isLegalFrom(MemberState state) {
        return from.contains(state);
    }
}

package org.zeoraid.array;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.MemberState;

/**
 * How a member stands in one {@link Membership}.
 *
 * @param reason why it is in this state, a sentence for an admin; blank while optimal
 * @param since when it came into this state
 * @param firstMissed the first transaction that it is known to have missed; {@link Tid#NONE} if none is known
 * @param openLog its log while it is open; an optimal member may be without one for the moment in which it is reopened
 */
record Standing(
        Member member,
        MemberState state,
        String reason,
        Instant since,
        Tid firstMissed,
        @Nullable TransactionLog openLog) {

    Optional<TransactionLog> log() {
        return Optional.ofNullable(openLog);
    }

    boolean isOptimal() {
        return state == MemberState.OPTIMAL;
    }

    Standing withLog(@Nullable TransactionLog log) {
        return new Standing(member, state, reason, since, firstMissed, log);
    }

    Standing moved(MemberState to, String why, Instant when, Tid missed) {
        return new Standing(member, to, why, when, missed, openLog);
    }
}

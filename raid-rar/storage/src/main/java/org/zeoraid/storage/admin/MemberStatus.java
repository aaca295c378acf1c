package org.zeoraid.storage.admin;

import java.time.Instant;
import java.util.Optional;
import org.zeoraid.storage.Tid;

/**
 * A member at a moment.
 *
 * @param reason why it is in this state, a sentence for an admin; blank while optimal
 * @param since when it came into this state
 * @param lastTid the last transaction that it is known to have
 * @param operation what is being done to it
 */
public record MemberStatus(
        String name,
        String kind,
        String location,
        MemberState state,
        String reason,
        Instant since,
        Tid lastTid,
        Optional<OperationStatus> operation) {}

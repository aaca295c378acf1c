package org.zeoraid.web.page;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;

/**
 * What a page shows of an array.
 *
 * @param events the last few, oldest first
 * @param branches all that are prepared, those of this moment too
 */
public record ArrayPicture(ArrayStatus status, List<ArrayEvent> events, List<PreparedBranch> branches) {

    /** Each global transaction is in doubt for a moment; nobody need see it before. */
    static final Duration A_MOMENT = Duration.ofSeconds(10);

    /** A server tries again once a minute: what waits for longer waits for a person. */
    static final Duration TOO_LONG = Duration.ofMinutes(3);

    /** Branches that wait for longer than a moment, and those that an admin decided. */
    List<PreparedBranch> lasting(Instant now) {
        return branches.stream()
                .filter(branch -> branch.state() != PreparedBranch.State.IN_DOUBT || waits(branch, now, A_MOMENT))
                .toList();
    }

    /** Branches whose transaction manager does not seem to come back. */
    List<PreparedBranch> abandoned(Instant now) {
        return branches.stream()
                .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT && waits(branch, now, TOO_LONG))
                .toList();
    }

    private static boolean waits(PreparedBranch branch, Instant now, Duration longer) {
        return branch.since().isBefore(now.minus(longer));
    }
}

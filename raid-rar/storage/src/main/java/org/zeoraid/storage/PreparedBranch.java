package org.zeoraid.storage;

import java.time.Instant;
import java.util.Locale;

/**
 * A branch that was prepared, and is not decided or not forgotten.
 *
 * @param since when it was prepared, or an admin decided it
 * @param objects how many objects it changes
 * @param bytes of data and blobs that it writes
 */
public record PreparedBranch(BranchId id, State state, Instant since, int objects, long bytes) {

    /** Where such a branch is. */
    public enum State {
        /** Waits for the transaction manager's decision, and keeps its objects locked. */
        IN_DOUBT,
        /** Was committed by an admin; kept until somebody forgets it, for the transaction manager to know. */
        COMMITTED_BY_ADMIN,
        /** Was rolled back by an admin; kept until somebody forgets it. */
        ROLLED_BACK_BY_ADMIN;

        /** What people and programs are told, such as {@code in-doubt}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}

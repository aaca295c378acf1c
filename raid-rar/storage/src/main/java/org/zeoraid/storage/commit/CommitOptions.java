package org.zeoraid.storage.commit;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a {@link TransactionalStorage} works.
 *
 * @param spillFolder where the changes of large transactions lie until they end; created when needed
 * @param spillThreshold bytes of data that a transaction keeps in memory before it writes the rest to a file
 * @param lockWait how long a vote waits for objects that other transactions are committing
 * @param ahead how far the tid that a transaction brings along may be ahead of the clock
 * @param mode whether transactions can be begun
 */
public record CommitOptions(Path spillFolder, long spillThreshold, Duration lockWait, Duration ahead, Mode mode) {

    /** What clients may do. */
    public enum Mode {
        READ_WRITE,
        READ_ONLY
    }

    /** 1 MiB in memory a transaction, 30 s for locks, 5 minutes ahead of the clock, writable. */
    public static CommitOptions spillingTo(Path folder) {
        return new CommitOptions(folder, 1 << 20, Duration.ofSeconds(30), Duration.ofMinutes(5), Mode.READ_WRITE);
    }

    public CommitOptions withSpillThreshold(long bytes) {
        return new CommitOptions(spillFolder, bytes, lockWait, ahead, mode);
    }

    public CommitOptions withLockWait(Duration wait) {
        return new CommitOptions(spillFolder, spillThreshold, wait, ahead, mode);
    }

    public CommitOptions withAhead(Duration bound) {
        return new CommitOptions(spillFolder, spillThreshold, lockWait, bound, mode);
    }

    public CommitOptions withMode(Mode other) {
        return new CommitOptions(spillFolder, spillThreshold, lockWait, ahead, other);
    }
}

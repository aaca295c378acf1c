package org.zeoraid.zeo.server;

import java.nio.file.Path;
import java.time.Duration;
import org.zeoraid.storage.PackRequest.Garbage;

/**
 * How a server serves; named after the keys of {@code <zeo>} in a {@code zeo.conf}.
 *
 * @param encoding {@code M} for msgpack or {@code Z} for pickles; clients follow
 * @param readOnly whether all clients only read
 * @param invalidationQueueSize for how many transactions a client that was away is told what changed
 * @param invalidationAge for how long, beyond the queue, what changed is found by iterating; zero for not at all
 * @param transactionTimeout how long a client may take from vote to finish before it is disconnected; zero for no bound
 * @param conflicts whether a conflict on changed data is the client's to resolve or an error; resolving it here would
 *     need the application's Python classes
 * @param packGarbage what a client's {@code pack} does with garbage
 * @param spool a folder for blobs that clients are sending
 */
public record ServerOptions(
        char encoding,
        boolean readOnly,
        int invalidationQueueSize,
        Duration invalidationAge,
        Duration transactionTimeout,
        Conflicts conflicts,
        Garbage packGarbage,
        Path spool,
        Limits limits) {

    /** Who deals with conflicts. */
    public enum Conflicts {
        RESOLVED_BY_CLIENTS,
        ERRORS
    }

    /** msgpack, writing, the queue and the bounds of Python's server. */
    public static ServerOptions defaults(Path spool) {
        return new ServerOptions(
                'M',
                false,
                100,
                Duration.ZERO,
                Duration.ZERO,
                Conflicts.RESOLVED_BY_CLIENTS,
                Garbage.COLLECT,
                spool,
                Limits.DEFAULT);
    }
}

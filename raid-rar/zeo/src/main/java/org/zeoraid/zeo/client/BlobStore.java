package org.zeoraid.zeo.client;

import java.nio.channels.FileChannel;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** Where a member's blobs come from and go to. */
interface BlobStore extends AutoCloseable {

    /**
     * A blob's file; from any thread.
     *
     * @param request has the server send it, as calls of the methods below, and completes then
     */
    CompletionStage<BlobSource> fetch(Oid oid, Tid serial, Supplier<CompletionStage<?>> request);

    /** A blob begins to come; this and the following on the event loop. */
    void start(Oid oid, Tid serial);

    void chunk(Oid oid, Tid serial, byte[] bytes);

    void stop(Oid oid, Tid serial);

    /** The connection has ended: what is half here is deleted. */
    void abandon();

    /** A new file without a name, for what is too large for memory; it is gone when nobody holds it any more. */
    FileChannel scratch();

    /** Sends a blob's record within a transaction; may block. */
    void send(Upload upload, DataRecord entry, Tid based);

    @Override
    void close();
}

package org.zeoraid.storage.commit;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/** Opens the log's cursor at the first use, when the last tid that clients can see is known. */
final class BoundedCursor<T> implements Cursor<T> {

    private final CommitStream stream;
    private final LogReads reads;
    private final BiFunction<LogReads, Tid, Cursor<T>> open;
    private @Nullable Cursor<T> opened;
    private boolean closed;

    BoundedCursor(CommitStream stream, TransactionLog log, BiFunction<LogReads, Tid, Cursor<T>> open) {
        this.stream = stream;
        this.reads = new LogReads(log);
        this.open = open;
    }

    @Override
    public CompletionStage<List<T>> next(long maxBytes) {
        CommitStream.Published published = stream.published();
        if (published == null) {
            return Stages.then(reads.after(stream.ready()), nothing -> next(maxBytes));
        }
        Cursor<T> cursor = opened(published.last());
        return cursor == null
                ? CompletableFuture.failedFuture(new StorageClosedException("the cursor is closed"))
                : cursor.next(maxBytes);
    }

    private synchronized @Nullable Cursor<T> opened(Tid last) {
        if (opened == null && !closed) {
            opened = open.apply(reads, last);
        }
        return closed ? null : opened;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (opened != null) {
            opened.close();
        }
    }
}

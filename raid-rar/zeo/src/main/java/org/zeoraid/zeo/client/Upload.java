package org.zeoraid.zeo.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;

/**
 * One transaction on its way to a server: begin, records, vote and finish, in one write unless it is large; then both
 * answers. Blocks its thread, and holds no more in memory than the socket is about to take.
 */
final class Upload {

    private static final int CHUNK = 59_000;
    private static final int WRITE_BYTES = 2 << 20;

    private final ServerChannel channel;
    private final BlobStore blobs;
    private final Dialect dialect;
    private final CommittedTransaction transaction;
    private final Consumer<Tid> finished;
    private final Long id;
    private final byte[] tid;
    private ServerChannel.Batch batch;
    private boolean begun;
    private final List<Runnable> onFailure = new ArrayList<>();

    /**
     * Sends a transaction. What an undo took back is sent as data: told where it was first written, a Python server goes
     * through the whole of that transaction for each object, and answers nobody meanwhile.
     *
     * @param finished told on the event loop as soon as the server has answered that it is durable
     */
    static void send(
            ServerChannel channel,
            BlobStore blobs,
            Dialect dialect,
            CommittedTransaction transaction,
            Consumer<Tid> finished) {
        new Upload(channel, blobs, dialect, transaction, finished).run();
    }

    private Upload(
            ServerChannel channel,
            BlobStore blobs,
            Dialect dialect,
            CommittedTransaction transaction,
            Consumer<Tid> finished) {
        this.channel = channel;
        this.blobs = blobs;
        this.dialect = dialect;
        this.transaction = transaction;
        this.finished = finished;
        this.id = transaction.tid().value();
        this.tid = Ids.bytes(transaction.tid());
        this.batch = channel.new Batch();
    }

    /**
     * Returns when the transaction is durable at the server.
     *
     * @throws OutcomeUnknownException if it may be
     * @throws StorageException if it is not there and will not be
     */
    private void run() {
        try {
            sendRecords();
            end();
        } catch (RuntimeException e) {
            onFailure.forEach(Runnable::run);
            throw e;
        }
    }

    private void sendRecords() {
        try {
            begin();
            for (DataRecord entry : transaction.records()) {
                if (entry.blob().isPresent()) {
                    blobs.send(this, entry, serial(entry.oid()));
                } else {
                    batch.oneWay("restorea", Ids.bytes(entry.oid()), tid, data(entry), null, id);
                }
                flushIfLarge();
            }
        } catch (RuntimeException e) {
            abandon();
            throw e;
        }
    }

    /** Something to be done if the transaction does not come to be at the server, as far as is known. */
    void onFailure(Runnable task) {
        onFailure.add(task);
    }

    private void begin() {
        var meta = transaction.header().meta();
        batch.oneWay(
                "tpc_begin",
                id,
                meta.user(),
                meta.description(),
                Values.extension(meta),
                tid,
                String.valueOf(transaction.header().status().letter()));
    }

    /** A blob cannot be restored, only stored, and that wants to know what it replaces. */
    private Tid serial(Oid oid) {
        try {
            return dialect.serial(oid).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw Failures.translated(e);
        }
    }

    /** A message within this transaction. */
    void add(String method, @Nullable Object... arguments) {
        batch.oneWay(method, arguments);
        flushIfLarge();
    }

    /** Sends a blob's bytes between its start and its end. */
    void stream(DataRecord entry, BlobSource source, Tid based) {
        byte[] oid = Ids.bytes(entry.oid());
        byte[] data = entry.data().orElseThrow();
        add("storeBlobStart");
        try (InputStream in = source.open()) {
            for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
                add("storeBlobChunk", (Object) chunk);
            }
        } catch (IOException | RuntimeException e) {
            // The server holds a half blob open, and would refuse the next one.
            batch.oneWay("storeBlobEnd", oid, Ids.bytes(based), data, id);
            throw e instanceof StorageException known
                    ? known
                    : new StorageUnavailableException("the blob of object " + entry.oid() + " cannot be read: " + e, e);
        }
        add("storeBlobEnd", oid, Ids.bytes(based), data, id);
    }

    Long id() {
        return id;
    }

    private void flushIfLarge() {
        if (batch.bytes() > WRITE_BYTES) {
            begun = true;
            channel.send(batch);
            batch = channel.new Batch();
            channel.awaitWritable();
        }
    }

    /** What went out before an error is given up; without vote and finish it cannot come to be. */
    private void abandon() {
        if (begun) {
            batch.call("tpc_abort", id);
            channel.send(batch);
        }
    }

    private void end() {
        CompletableFuture<@Nullable Object> vote = batch.call("vote", id);
        CompletableFuture<@Nullable Object> finish = batch.call("tpc_finish", id);
        // A vote that has to wait for somebody else's transaction is answered after the finish that follows it.
        CompletableFuture<Boolean> overtaken = finish.handle((answer, failure) -> failure != null && !vote.isDone());
        finish.thenAccept(answer -> {
            if (answer != null) {
                finished.accept(transaction.tid());
            }
        });
        channel.send(batch);
        List<?> voted;
        try {
            voted = Values.list(vote.join());
        } catch (RuntimeException e) {
            throw afterFailedVote(Failures.cause(e), finish);
        }
        Tid finished;
        try {
            finished = Values.tid(finish.join());
        } catch (RuntimeException e) {
            throw afterFailedFinish(Failures.cause(e), voted, overtaken.join());
        }
        if (!finished.equals(transaction.tid())) {
            throw new OutcomeUnknownException(channel.location() + " answered with " + finished
                    + " to the end of transaction " + transaction.tid());
        }
        if (!voted.isEmpty()) {
            throw new OutcomeUnknownException(channel.location() + " changed objects of transaction "
                    + transaction.tid() + " by itself, so the two are not equal any more");
        }
    }

    private StorageException afterFailedVote(Throwable failure, CompletableFuture<@Nullable Object> finish) {
        boolean refused = failure instanceof RemoteException;
        if (!refused && batch.isSent()) {
            return unknown(failure);
        }
        try {
            if (refused && finish.join() != null) {
                return unknown(failure);
            }
        } catch (RuntimeException e) {
            // The finish of a transaction that is gone may well be an error.
        }
        return Failures.translated(failure);
    }

    private StorageException afterFailedFinish(Throwable failure, List<?> voted, boolean overtaken) {
        boolean conflict = voted.stream().anyMatch(Map.class::isInstance);
        if (failure instanceof RemoteException && (conflict || overtaken)) {
            // The server still holds the transaction, and its lock.
            channel.call("tpc_abort", id);
            return conflict
                    ? new ConflictException(channel.location() + " found a conflict in transaction " + transaction.tid()
                            + ", which it should have taken as it is")
                    : new StorageUnavailableException("somebody else writes to " + channel.location()
                            + " at this moment; transaction " + transaction.tid() + " was not written");
        }
        if (failure instanceof RemoteException remote && remote.isOwn()) {
            return remote.asStorageException();
        }
        return unknown(failure);
    }

    private OutcomeUnknownException unknown(Throwable failure) {
        return new OutcomeUnknownException(
                "it is not known whether " + channel.location() + " has transaction " + transaction.tid() + ": "
                        + failure.getMessage(),
                failure);
    }

    private static byte @Nullable [] data(DataRecord entry) {
        return entry.data().orElse(null);
    }
}

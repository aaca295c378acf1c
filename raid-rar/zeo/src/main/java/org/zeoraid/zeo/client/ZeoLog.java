package org.zeoraid.zeo.client;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.VerifyResult;

/**
 * The database of a ZEO server as a log of transactions. Transactions are sent one after another, each in one write:
 * behind a failed vote a server would go on with the next one, and leave a hole that no tid shows.
 */
final class ZeoLog implements TransactionLog, ServerChannel.Calls {

    private final String location;
    private final BlobCache blobs;
    private volatile Tid last = Tid.NONE;
    private final Deque<Append> queue = new ArrayDeque<>();
    private boolean appending;
    private @Nullable ServerChannel channel;

    private record Append(Tid previous, CommittedTransaction transaction, CompletableFuture<@Nullable Void> done) {}

    ZeoLog(String location, BlobCache blobs) {
        this.location = location;
        this.blobs = blobs;
    }

    /** Takes a channel whose handshake is done, and registers for a storage. */
    CompletionStage<TransactionLog> register(ServerChannel ready, String storage) {
        channel = ready;
        return ask("register", Values::tid, storage, false).thenApply(tid -> {
            last = tid;
            return this;
        });
    }

    ServerChannel channel() {
        if (channel == null) {
            throw new StorageClosedException(location + " is not connected");
        }
        return channel;
    }

    // What the server calls

    @Override
    public void called(String method, List<?> arguments) {
        switch (method) {
            case "invalidateTransaction" -> seen(Values.tid(arguments.get(0)));
            case "receiveBlobStart" -> blobs.start(Values.oid(arguments.get(0)), Values.tid(arguments.get(1)));
            case "receiveBlobChunk" ->
                blobs.chunk(Values.oid(arguments.get(0)), Values.tid(arguments.get(1)), Values.data(arguments.get(2)));
            case "receiveBlobStop" -> blobs.stop(Values.oid(arguments.get(0)), Values.tid(arguments.get(1)));
            default -> {
                // "info" and whatever else a server may tell: nothing here depends on it.
            }
        }
    }

    private synchronized void seen(Tid tid) {
        if (tid.isAfter(last)) {
            last = tid;
        }
    }

    @Override
    public void ended(StorageException reason) {
        blobs.abandon();
        List<Append> waiting;
        synchronized (queue) {
            waiting = List.copyOf(queue);
            queue.clear();
        }
        waiting.forEach(append -> append.done().completeExceptionally(reason));
    }

    // Reading

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return ask(
                        "loadBefore",
                        value -> {
                            if (value == null) {
                                return Optional.<Revision>empty();
                            }
                            List<?> row = Values.row(value, 3);
                            Tid end = row.get(2) == null ? Tid.MAX : Values.tid(row.get(2));
                            return Optional.of(new Revision(Values.data(row.get(0)), Values.tid(row.get(1)), end));
                        },
                        Values.bytes(oid),
                        Values.bytes(before))
                .exceptionally(failure -> missing(failure, () -> new ObjectNotFoundException(oid)));
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return ask("loadSerial", Values::data, Values.bytes(oid), Values.bytes(serial))
                .exceptionally(failure -> missing(failure, () -> new ObjectNotFoundException(oid, serial)));
    }

    /** What the protocol can tell: a deleted object looks as if it had never been. */
    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return ask("getTid", Values::tid, Values.bytes(oid)).exceptionally(failure -> {
            if (cause(failure) instanceof RemoteException remote && remote.isMissingObject()) {
                return Tid.NONE;
            }
            throw translated(failure);
        });
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return translate(ask("lastTransaction", value -> {
            Tid tid = value == null ? Tid.NONE : Values.tid(value);
            seen(tid);
            return tid;
        }));
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return ask(
                        "history",
                        value -> {
                            List<HistoryEntry> entries = new ArrayList<>();
                            for (Object item : Values.list(value)) {
                                Map<?, ?> row = Values.map(item);
                                entries.add(new HistoryEntry(
                                        Values.tid(row.get("tid")), described(row), Values.number(row.get("size"))));
                            }
                            return List.copyOf(entries);
                        },
                        Values.bytes(oid),
                        (long) limit)
                .exceptionally(failure -> missing(failure, () -> new ObjectNotFoundException(oid)));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        Function<@Nullable Object, List<TransactionHeader>> read = value -> {
            List<TransactionHeader> headers = new ArrayList<>();
            for (Object item : Values.list(value)) {
                Map<?, ?> row = Values.map(item);
                Tid tid = Values.tid(Base64.getMimeDecoder().decode(Values.data(row.get("id"))));
                headers.add(new TransactionHeader(
                        tid, TransactionStatus.COMMITTED, described(row), Values.number(row.get("size"))));
            }
            return List.copyOf(headers);
        };
        return translate(ask("undoLog", read, (long) skip, (long) skip + limit));
    }

    /** Extension entries stand beside the rest in these rows. */
    private static TransactionMeta described(Map<?, ?> row) {
        Map<Object, @Nullable Object> extension = new LinkedHashMap<>();
        row.forEach((key, value) -> {
            if (!List.of("time", "user_name", "description", "size", "tid", "id")
                    .contains(key)) {
                extension.put(key, value);
            }
        });
        return Values.meta(row.get("user_name"), row.get("description"), extension);
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return new HeaderCursor(this, from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return new TransactionCursor(this, from, to);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return new CurrentRecordCursor(this, from);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return blobs.fetch(
                oid,
                serial,
                () -> translate(ask("sendBlob", value -> true, Values.bytes(oid), Values.bytes(serial))
                        .exceptionally(failure -> missing(failure, () -> new ObjectNotFoundException(oid, serial)))));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return translate(ask("get_info", Values::map)
                .thenCombine(
                        ask("new_oids", value -> Values.oid(Values.list(value).get(0)), 1L)
                                .exceptionally(failure -> Oid.ROOT),
                        (info, next) -> new StorageStats(
                                Values.number(info.get("length")),
                                Values.number(info.get("size")),
                                next.equals(Oid.ROOT) ? next : new Oid(next.value() - 1))));
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        // The protocol does not tell. A history that begins with packed transactions shows where the pack went.
        return new PackedHead(this).find();
    }

    // Writing

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        Append append = new Append(previous, transaction, new CompletableFuture<>());
        synchronized (queue) {
            queue.add(append);
            if (appending) {
                return append.done();
            }
            appending = true;
        }
        proceed();
        return append.done();
    }

    private void proceed() {
        Append next;
        synchronized (queue) {
            next = queue.poll();
            if (next == null) {
                appending = false;
                return;
            }
        }
        send(next).whenComplete((tid, failure) -> {
            if (failure == null) {
                seen(next.transaction().tid());
                next.done().complete(null);
            } else {
                next.done().completeExceptionally(translated(failure));
            }
            proceed();
        });
    }

    private CompletionStage<?> send(Append append) {
        Tid before = last;
        if (!before.equals(append.previous())) {
            return CompletableFuture.failedFuture(
                    new ProtocolException(location + " has transaction " + before + " as its last one, not "
                            + append.previous() + ": somebody else writes to it, or it was restored"));
        }
        return new Sending(this, append.transaction()).run().handle((tid, failure) -> {
            Tid expected = append.transaction().tid();
            if (failure != null) {
                throw translated(failure);
            }
            if (!expected.equals(tid)) {
                throw new OutcomeUnknownException(
                        location + " answered with " + tid + " to the end of transaction " + expected);
            }
            return tid;
        });
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        Instant moment = request.upTo().instant();
        double time = moment.getEpochSecond() + moment.getNano() / 1e9;
        return stats().thenCompose(before -> translate(ask("pack", value -> true, time, true))
                .thenCompose(packed -> stats())
                .thenApply(after -> new PackResult(
                        before.bytes(), after.bytes(), 0, "packed by the server, by its own rules for garbage")));
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return CompletableFuture.failedFuture(new ReadOnlyException("the tail of " + location
                + " cannot be cut off over the wire; stop that server and truncate its file behind transaction "
                + keep));
    }

    @Override
    public CompletionStage<String> setAside() {
        return CompletableFuture.failedFuture(
                new ReadOnlyException(
                        "what " + location
                                + " holds cannot be set aside over the wire; stop that server, move its files away and start it empty"));
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return new Verification(transactions(Tid.NONE, Tid.MAX), progress).run();
    }

    @Override
    public void close() {
        channel().close(new StorageClosedException(location + " has been closed"));
    }

    // Calls

    /** Calls a method and reads its answer; fails as the channel fails, errors of the server untranslated. */
    <T> CompletableFuture<T> ask(String method, Function<@Nullable Object, T> reader, @Nullable Object... arguments) {
        return channel().call(method, arguments).thenApply(reader);
    }

    static <T> CompletionStage<T> translate(CompletionStage<T> stage) {
        return stage.exceptionally(failure -> {
            throw translated(failure);
        });
    }

    static StorageException translated(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof StorageException storage) {
            return storage;
        }
        return cause instanceof RemoteException remote
                ? remote.asStorageException()
                : new ProtocolException("an answer could not be read: " + cause, cause);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static <T> T missing(Throwable failure, Supplier<StorageException> instead) {
        throw cause(failure) instanceof RemoteException remote && remote.isMissingObject()
                ? instead.get()
                : translated(failure);
    }
}

package org.zeoraid.zeo.client;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.zeo.codec.Ids;

/** The database of a ZEO server as a log of transactions, over one connection. */
final class ZeoLog implements TransactionLog {

    private final ServerChannel channel;
    private final Dialect dialect;
    private final Appends appends;
    private final BlobStore blobs;
    private final EventLoop loop;
    private final Duration patience;
    private final AtomicBoolean closed = new AtomicBoolean();

    ZeoLog(
            ServerChannel channel,
            Dialect dialect,
            Appends appends,
            BlobStore blobs,
            EventLoop loop,
            Duration patience) {
        this.channel = channel;
        this.dialect = dialect;
        this.appends = appends;
        this.blobs = blobs;
        this.loop = loop;
        this.patience = patience;
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return Failures.missing(
                channel.ask(
                        "loadBefore",
                        value -> {
                            if (value == null) {
                                return Optional.<Revision>empty();
                            }
                            List<?> row = Values.row(value, 3);
                            Tid end = row.get(2) == null ? Tid.MAX : Values.tid(row.get(2));
                            return Optional.of(new Revision(Values.data(row.get(0)), Values.tid(row.get(1)), end));
                        },
                        Ids.bytes(oid),
                        Ids.bytes(before)),
                () -> new ObjectNotFoundException(oid));
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return Failures.missing(
                channel.ask("loadSerial", Values::data, Ids.bytes(oid), Ids.bytes(serial)),
                () -> new ObjectNotFoundException(oid, serial));
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return dialect.serial(oid);
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return Failures.translate(channel.ask("lastTransaction", value -> value == null ? Tid.NONE : Values.tid(value))
                .thenCompose(told -> {
                    Tid known = appends.last();
                    CompletionStage<Tid> there =
                            told.equals(known) ? CompletableFuture.completedFuture(told) : dialect.last(told);
                    return there.thenApply(last -> {
                        appends.told(known, last);
                        return last;
                    });
                }));
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return dialect.history(oid, limit);
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return dialect.undoLog(skip, limit);
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return dialect.headers(from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return dialect.transactions(from, to);
    }

    @Override
    public Cursor<TransactionDigest> digests(Tid from, Tid to) {
        return dialect.digests(from, to);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return dialect.currentRecords(from);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return blob(channel, blobs, oid, serial);
    }

    static CompletionStage<BlobSource> blob(ServerChannel channel, BlobStore blobs, Oid oid, Tid serial) {
        return blobs.fetch(
                oid,
                serial,
                () -> Failures.missing(
                        channel.ask("sendBlob", value -> true, Ids.bytes(oid), Ids.bytes(serial)),
                        () -> new ObjectNotFoundException(oid, serial)));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return dialect.stats();
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return dialect.packedTo();
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return appends.append(previous, transaction);
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return dialect.pack(request);
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return cannot("the tail of " + channel.location()
                + " cannot be cut off over the wire; stop that server and truncate its file behind transaction "
                + keep);
    }

    @Override
    public CompletionStage<String> setAside() {
        return cannot("what " + channel.location()
                + " holds cannot be set aside over the wire; stop that server, move its files away and start it empty");
    }

    private static CompletionStage<String> cannot(String why) {
        return CompletableFuture.failedFuture(new ReadOnlyException(why));
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return new Verification(transactions(Tid.NONE, Tid.MAX), progress).run();
    }

    @Override
    public Optional<String> identity() {
        return dialect.identity();
    }

    /** Waits for appends under way as long as for a server that is opened; then they are of unknown outcome. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        CompletionStage<@Nullable Void> drained = appends.close()
                .toCompletableFuture()
                .completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
        if (loop.inEventLoop() || appends.isOwnThread()) {
            // These threads are what is waited for.
            drained.thenRun(this::release);
        } else {
            drained.toCompletableFuture().join();
            release();
        }
    }

    private void release() {
        channel.close(new StorageClosedException(channel.location() + " has been closed"));
        appends.end();
        blobs.close();
        var ended = loop.shutdownGracefully(0, patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!loop.inEventLoop()) {
            ended.awaitUninterruptibly();
        }
    }

    @Override
    public String toString() {
        return channel.location();
    }
}

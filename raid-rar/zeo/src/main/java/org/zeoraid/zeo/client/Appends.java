package org.zeoraid.zeo.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Environment;

/**
 * The transactions that are to be appended at a server, one behind the other: a server would go on behind a transaction
 * that it refused, and leave a hole that no tid shows. To a server of our own, which does not, all that has queued up
 * goes in one message. A thread of their own sends them, as their data may come from disk, and the socket may be slow.
 */
final class Appends {

    private static final int BATCH_COUNT = 500;
    private static final long BATCH_RECORDS = 10_000;
    private static final long BATCH_BYTES = 4 << 20;
    /** What a record costs in a message beside its data, about. */
    private static final long RECORD_BYTES = 40;

    private record Append(Tid previous, CommittedTransaction transaction, CompletableFuture<@Nullable Void> done) {}

    private final ServerChannel channel;
    private final String name;
    private final Environment environment;
    private final ServerMemory memory;
    private final BlobStore blobs;
    private final ArrayDeque<Append> queue = new ArrayDeque<>();
    private final CompletableFuture<@Nullable Void> drained = new CompletableFuture<>();
    private @Nullable Dialect dialect;
    private Environment.@Nullable Worker worker;
    private @Nullable Thread sender;
    private boolean running;
    private boolean closed;
    /** The server's last transaction, as far as this connection knows. */
    private Tid last;
    /** The last one that was appended here. */
    private Tid written = Tid.NONE;
    /** Those that are being sent, and not answered yet. */
    private Set<Tid> underWay = Set.of();
    /** Whether somebody else was the first to write one of those. */
    private boolean forestalled;
    /** Why nothing more is appended by this connection. */
    private Optional<StorageException> broken = Optional.empty();

    Appends(
            ServerChannel channel,
            String name,
            Environment environment,
            ServerMemory memory,
            BlobStore blobs,
            Tid last) {
        this.channel = channel;
        this.name = name;
        this.environment = environment;
        this.memory = memory;
        this.blobs = blobs;
        this.last = last;
    }

    /**
     * What the server understands; before the first append.
     *
     * @param told what it said when it was asked for its last transaction
     * @param there the last transaction that it has
     */
    synchronized void speak(Dialect found, Tid told, Tid there) {
        dialect = found;
        if (last.equals(told)) {
            last = there;
        }
    }

    /** The server's last transaction, as far as this connection knows. */
    synchronized Tid last() {
        return last;
    }

    /** From any thread. */
    CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        Append append = new Append(previous, transaction, new CompletableFuture<>());
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(closedException());
            }
            queue.add(append);
            if (running) {
                return append.done();
            }
            running = true;
            if (worker == null) {
                worker = environment.worker("zeo-client-" + name + "-send");
            }
            try {
                worker.execute(this::work);
            } catch (RejectedExecutionException e) {
                queue.remove(append);
                running = false;
                return CompletableFuture.failedFuture(closedException());
            }
        }
        return append.done();
    }

    private StorageClosedException closedException() {
        return new StorageClosedException(channel.location() + " has been closed");
    }

    /**
     * The server tells of a transaction that this connection did not write. Somebody else writes to it, and to a server of
     * Python's that is found out only by this: it takes a tid that it has already, and one before its last.
     */
    synchronized void foreign(Tid tid) {
        boolean batches = dialect != null && dialect.takesBatches();
        if (batches && (underWay.contains(tid) || !tid.isAfter(written))) {
            // A server of our own does not know who sent a batch, and tells everybody.
            return;
        }
        String somebody = "somebody else wrote transaction " + tid + " to " + channel.location();
        forestalled |= underWay.contains(tid);
        if (forestalled
                || tid.equals(written)
                || queue.stream().anyMatch(append -> append.transaction().tid().equals(tid))) {
            breakWith(somebody + ", which is written here too: two members of the array are the same storage, or two"
                    + " servers run the same array");
        } else if (!underWay.isEmpty()) {
            breakWith(somebody + " while " + underWay.iterator().next() + " was written here");
        } else if (!tid.isAfter(written)) {
            breakWith(somebody + " after " + written + " had been written here");
        }
        if (tid.isAfter(last)) {
            last = tid;
        }
    }

    private void breakWith(String reason) {
        if (broken.isEmpty()) {
            broken = Optional.of(new ProtocolException(reason));
        }
    }

    /**
     * The server has told its last transaction. That counts if nothing is under way, and nothing came meanwhile.
     *
     * @param known what was known when it told it
     */
    synchronized void told(Tid known, Tid tid) {
        if (!running && last.equals(known)) {
            last = tid;
        }
    }

    /** Refuses what comes from now on; completes when all that was taken has been answered. */
    CompletionStage<@Nullable Void> close() {
        synchronized (this) {
            closed = true;
            if (running) {
                return drained;
            }
        }
        drained.complete(null);
        return drained;
    }

    /** Ends the thread, once drained; it ends by itself if it is the one that calls. */
    void end() {
        Environment.Worker ending;
        synchronized (this) {
            ending = worker;
            worker = null;
        }
        if (ending != null) {
            ending.close();
        }
    }

    synchronized boolean isOwnThread() {
        return Thread.currentThread().equals(sender);
    }

    private void work() {
        synchronized (this) {
            sender = Thread.currentThread();
        }
        while (true) {
            List<Append> next = take();
            if (next.isEmpty()) {
                break;
            }
            send(next);
        }
        boolean over;
        synchronized (this) {
            over = closed;
        }
        if (over) {
            drained.complete(null);
        }
    }

    /** The next transactions that go together; those that cannot be appended are refused on the way. */
    private List<Append> take() {
        while (true) {
            List<Append> taken = new ArrayList<>();
            Append refused = null;
            StorageException reason = null;
            synchronized (this) {
                boolean batches = dialect != null && dialect.takesBatches();
                long bytes = 0;
                long records = 0;
                Tid behind = last;
                while (!queue.isEmpty() && (taken.isEmpty() || batches && taken.size() < BATCH_COUNT)) {
                    Append first = queue.peek();
                    reason = refusal(first, behind);
                    if (reason != null) {
                        // Only when what goes before it is over: that may fail, and then it matters why.
                        refused = taken.isEmpty() ? queue.remove() : null;
                        break;
                    }
                    bytes += size(first.transaction());
                    records += first.transaction().recordCount();
                    boolean alone = bytes > BATCH_BYTES || records > BATCH_RECORDS || goesAlone(first.transaction());
                    if (!taken.isEmpty() && alone) {
                        break;
                    }
                    taken.add(queue.remove());
                    behind = first.transaction().tid();
                    if (alone) {
                        break;
                    }
                }
                underWay = taken.stream()
                        .map(append -> append.transaction().tid())
                        .collect(Collectors.toUnmodifiableSet());
                if (taken.isEmpty() && refused == null) {
                    running = false;
                    return taken;
                }
            }
            if (refused == null || reason == null) {
                return taken;
            }
            refused.done().completeExceptionally(reason);
        }
    }

    private @Nullable StorageException refusal(Append append, Tid behind) {
        if (broken.isPresent()) {
            return notBehind(broken.get());
        }
        Tid tid = append.transaction().tid();
        if (!append.previous().equals(behind)) {
            return new ProtocolException(channel.location() + " has transaction " + behind
                    + " as its last one, not " + append.previous()
                    + ": an append before this one failed, or somebody else writes to it");
        }
        return tid.isAfter(behind)
                ? null
                : new ProtocolException("transaction " + tid + " is not later than " + behind + ", the last one of "
                        + channel.location());
    }

    /** What comes behind a transaction of unknown outcome is itself not there: it was never sent. */
    private StorageException notBehind(StorageException before) {
        return new ProtocolException(
                "nothing is appended at " + channel.location() + " any more: " + before.getMessage(), before);
    }

    private static long size(CommittedTransaction transaction) {
        return transaction.dataBytes() + RECORD_BYTES * (transaction.recordCount() + 1);
    }

    /** Large ones, those with blobs, and those whose records cannot be read, which is an error of their own. */
    private static boolean goesAlone(CommittedTransaction transaction) {
        if (size(transaction) > BATCH_BYTES || transaction.recordCount() > BATCH_RECORDS) {
            return true;
        }
        try {
            for (DataRecord entry : transaction.records()) {
                if (entry.blob().isPresent()) {
                    return true;
                }
            }
            return false;
        } catch (StorageException e) {
            return true;
        }
    }

    private void send(List<Append> batch) {
        List<CommittedTransaction> transactions =
                batch.stream().map(Append::transaction).toList();
        int done = 0;
        StorageException failure = null;
        try {
            boolean together =
                    dialect != null && dialect.takesBatches() && !(batch.size() == 1 && goesAlone(transactions.get(0)));
            if (together) {
                BatchUpload.Result result =
                        new BatchUpload(channel, batch.get(0).previous(), transactions).run();
                done = result.done();
                failure = result.failure();
            } else {
                Upload.send(channel, blobs, dialect(), transactions.get(0), this::finished);
                done = 1;
            }
        } catch (RuntimeException e) {
            failure = Failures.translated(e);
        }
        synchronized (this) {
            underWay = Set.of();
            for (Append append : batch.subList(0, done)) {
                written = append.transaction().tid();
                memory.seen(written);
                if (written.isAfter(last)) {
                    last = written;
                }
            }
            if (failure instanceof OutcomeUnknownException && broken.isEmpty()) {
                broken = Optional.of(failure);
            } else if (failure == null && forestalled) {
                // It is there twice: by another member's connection, for which it counts, and by this one.
                done = 0;
                failure = notBehind(broken.orElseThrow());
            }
        }
        for (Append append : batch.subList(0, done)) {
            append.done().complete(null);
        }
        if (failure == null) {
            return;
        }
        boolean first = true;
        for (Append append : batch.subList(done, batch.size())) {
            boolean same = first || failure instanceof OutcomeUnknownException;
            append.done().completeExceptionally(same ? failure : notBehind(failure));
            first = false;
        }
    }

    /** The server has answered that a transaction is durable; what it tells afterwards it knew afterwards. On the event loop. */
    private synchronized void finished(Tid tid) {
        written = tid;
        underWay = Set.of();
    }

    private synchronized Dialect dialect() {
        if (dialect == null) {
            throw new IllegalStateException("nothing is known of the server yet");
        }
        return dialect;
    }
}

package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** What tests of storages do all the time. */
public final class Steps {

    private static final long HANG_SECONDS = 60;

    private Steps() {}

    /** The value of a stage; its failure is thrown as it is. */
    public static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture()
                    .orTimeout(HANG_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof TimeoutException) {
                throw new AssertionError("no answer within " + HANG_SECONDS + " s", e);
            }
            throw e;
        }
    }

    /** The error of the kind with which a stage fails. */
    public static <E extends StorageException> E failure(Class<E> kind, CompletionStage<?> stage) {
        try {
            Object value = await(stage);
            return fail("expected " + kind.getSimpleName() + ", but the answer is " + value);
        } catch (StorageException e) {
            if (!kind.isInstance(e)) {
                throw new AssertionError("expected " + kind.getSimpleName(), e);
            }
            return kind.cast(e);
        }
    }

    /** Commits one transaction. */
    public static Tid commit(Storage storage, Consumer<StorageTransaction> work) {
        return commit(storage, TransactionMeta.of("tester", "a change"), work);
    }

    public static Tid commit(Storage storage, TransactionMeta meta, Consumer<StorageTransaction> work) {
        return complete(storage.begin(meta), work);
    }

    /** Commits a transaction with a tid of its own. */
    public static Tid commitAt(Storage storage, Tid tid, Consumer<StorageTransaction> work) {
        return complete(storage.begin(TransactionMeta.EMPTY, tid, TransactionStatus.COMMITTED), work);
    }

    /** Votes and finishes after the work; aborts if anything fails. */
    public static Tid complete(StorageTransaction transaction, Consumer<StorageTransaction> work) {
        try {
            work.accept(transaction);
            await(transaction.vote());
            return await(transaction.finish());
        } catch (RuntimeException | AssertionError e) {
            await(transaction.abort());
            throw e;
        }
    }

    /** Stores new data over whatever the object is now. */
    public static Tid store(Storage storage, Oid oid, String data) {
        return commit(storage, transaction -> transaction.store(oid, await(storage.serial(oid)), bytes(data)));
    }

    public static Tid undo(Storage storage, Tid... undone) {
        return commit(storage, transaction -> List.of(undone).forEach(transaction::undo));
    }

    public static Oid oid(long value) {
        return new Oid(value);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The current revision of an object that there is. */
    public static Revision current(ReadableStorage storage, Oid oid) {
        return await(storage.loadBefore(oid, Tid.MAX)).orElseThrow();
    }

    public static String currentText(ReadableStorage storage, Oid oid) {
        return text(current(storage, oid).data());
    }

    /** All that a cursor gives, in batches of about so many bytes. */
    public static <T> List<T> all(Cursor<T> cursor, long batch) {
        List<T> all = new ArrayList<>();
        try (cursor) {
            while (true) {
                List<T> some = await(cursor.next(batch));
                if (some.isEmpty()) {
                    return all;
                }
                all.addAll(some);
            }
        }
    }

    public static List<CommittedTransaction> transactions(ReadableStorage storage) {
        return all(storage.transactions(Tid.NONE, Tid.MAX), 1 << 20);
    }

    /** The one transaction with a tid. */
    public static CommittedTransaction transaction(ReadableStorage storage, Tid tid) {
        List<CommittedTransaction> found = all(storage.transactions(tid, tid), 1);
        if (found.size() != 1) {
            throw new AssertionError("transactions from " + tid + " to " + tid + ": " + found.size());
        }
        return found.get(0);
    }

    public static List<DataRecord> records(CommittedTransaction transaction) {
        List<DataRecord> records = new ArrayList<>();
        transaction.records().forEach(records::add);
        return records;
    }

    /** What a transaction wrote for an object. */
    public static DataRecord entry(ReadableStorage storage, Tid tid, Oid oid) {
        return records(transaction(storage, tid)).stream()
                .filter(entry -> entry.oid().equals(oid))
                .findFirst()
                .orElseThrow(() -> new AssertionError("transaction " + tid + " has no record of object " + oid));
    }

    public static boolean isDone(CompletionStage<?> stage) {
        return stage.toCompletableFuture().isDone();
    }

    /** The record of a blob as ZODB writes it: its class is {@code ZODB.blob.Blob}, its state nothing. */
    public static byte[] blobRecord() {
        return bytes("cZODB.blob\nBlob\n.N.");
    }

    /** A blob's bytes in memory. */
    public static BlobSource blob(byte[] content) {
        return new BlobSource() {
            @Override
            public long size() {
                return content.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(content);
            }

            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }
        };
    }

    public static byte[] content(BlobSource blob) {
        try (InputStream in = blob.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
        return stage.toCompletableFuture();
    }
}

package org.zeoraid.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** What the tests of logs share: transactions, waiting, reading all. */
final class Logs {

    private Logs() {}

    /** A tid of the test's own calendar. */
    static Tid tid(long number) {
        return new Tid(0x0400_0000_0000_0000L + (number << 8));
    }

    static CommittedTransaction transaction(Tid tid, DataRecord... records) {
        return CommittedTransaction.of(
                new TransactionHeader(
                        tid, TransactionStatus.COMMITTED, TransactionMeta.of("tester", "number " + tid), 0),
                List.of(records));
    }

    static DataRecord data(long oid, byte[] bytes) {
        return new DataRecord(new Oid(oid), new Content.Data(bytes));
    }

    static DataRecord data(long oid, String text) {
        return data(oid, bytes(text));
    }

    static DataRecord link(long oid, Tid origin, String text) {
        return new DataRecord(new Oid(oid), new Content.Link(origin, bytes(text)));
    }

    static DataRecord gone(long oid) {
        return new DataRecord(new Oid(oid), Content.ABSENT);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The answer, or the exception it failed with. */
    static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static <T> List<T> all(Cursor<T> cursor) {
        return all(cursor, 1 << 20);
    }

    static <T> List<T> all(Cursor<T> cursor, long maxBytes) {
        try (cursor) {
            List<T> all = new ArrayList<>();
            while (true) {
                List<T> batch = get(cursor.next(maxBytes));
                if (batch.isEmpty()) {
                    return all;
                }
                all.addAll(batch);
            }
        }
    }

    static List<CommittedTransaction> transactions(TransactionLog log) {
        return all(log.transactions(Tid.NONE, Tid.MAX));
    }

    static List<TransactionDigest> digests(TransactionLog log) {
        return all(log.digests(Tid.NONE, Tid.MAX));
    }

    static Tid last(TransactionLog log) {
        return get(log.lastTid());
    }

    static Optional<String> text(TransactionLog log, long oid) {
        return get(log.loadBefore(new Oid(oid), Tid.MAX))
                .map(revision -> new String(revision.data(), StandardCharsets.UTF_8));
    }

    static byte[] fixture(String name) {
        try (InputStream in = Logs.class.getResourceAsStream("/zodb/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

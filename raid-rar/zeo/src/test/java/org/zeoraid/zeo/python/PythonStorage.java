package org.zeoraid.zeo.python;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Tuple;

/**
 * A file storage with blobs as Python's is one, kept in memory: it looks at no tid that it is given, and an object that was
 * stored twice in a transaction is there twice. Guarded by its server.
 */
final class PythonStorage {

    /** An error as the server sends it. */
    static final class Raised extends RuntimeException {

        private static final long serialVersionUID = 1;

        final String className;
        final transient Object details;

        Raised(String className, Object details) {
            super(className + ": " + details, null, false, false);
            this.className = className;
            this.details = details;
        }

        static Raised keyError(Oid oid) {
            return new Raised("ZODB.POSException.POSKeyError", Tuple.of((Object) Ids.bytes(oid)));
        }
    }

    /** @param origin the transaction that the data is a link to, as undo and restore write it */
    record Entry(Oid oid, byte @Nullable [] data, @Nullable Tid origin) {}

    /** A transaction, status {@code ' '} or {@code 'p'}. */
    static final class Kept {
        final Tid tid;
        final byte[] user;
        final byte[] description;
        final Map<?, ?> extension;
        final List<Entry> entries = new ArrayList<>();
        String status;

        Kept(Tid tid, String status, byte[] user, byte[] description, Map<?, ?> extension) {
            this.tid = tid;
            this.status = status;
            this.user = user;
            this.description = description;
            this.extension = extension;
        }

        /** What counts for an object: the last of its entries. */
        @Nullable Entry entry(Oid oid) {
            Entry found = null;
            for (Entry entry : entries) {
                found = entry.oid().equals(oid) ? entry : found;
            }
            return found;
        }

        long size() {
            return 23
                    + entries.stream()
                            .mapToLong(entry -> 42 + (entry.data() == null ? 8 : entry.data().length))
                            .sum();
        }
    }

    record BlobKey(Oid oid, Tid serial) {}

    private record Found(Kept transaction, Entry entry) {}

    private final Map<BlobKey, byte[]> blobs = new HashMap<>();
    private List<Kept> transactions = new ArrayList<>();
    private Tid last = Tid.NONE;
    private long largestOid;

    List<Kept> transactions() {
        return transactions;
    }

    Tid last() {
        return last;
    }

    /** Puts a transaction at the end, whatever its tid. */
    void add(Kept transaction, Map<Oid, byte[]> files) {
        transactions.add(transaction);
        files.forEach((oid, bytes) -> blobs.put(new BlobKey(oid, transaction.tid), bytes));
        last = transaction.tid;
    }

    void seen(Oid oid) {
        largestOid = Math.max(largestOid, oid.value());
    }

    Oid newOid() {
        return new Oid(++largestOid);
    }

    /** The revisions of an object, newest first. */
    private List<Found> revisions(Oid oid) {
        List<Found> found = new ArrayList<>();
        for (int i = transactions.size() - 1; i >= 0; i--) {
            Entry entry = transactions.get(i).entry(oid);
            if (entry != null) {
                found.add(new Found(transactions.get(i), entry));
            }
        }
        if (found.isEmpty()) {
            throw Raised.keyError(oid);
        }
        return found;
    }

    private static byte[] data(Found found) {
        if (found.entry().data() == null) {
            throw Raised.keyError(found.entry().oid());
        }
        return found.entry().data();
    }

    @Nullable Tuple loadBefore(Oid oid, Tid before) {
        byte[] end = null;
        for (Found found : revisions(oid)) {
            if (before.isAfter(found.transaction().tid)) {
                return Tuple.of(data(found), Ids.bytes(found.transaction().tid), end);
            }
            end = Ids.bytes(found.transaction().tid);
        }
        return null;
    }

    byte[] loadSerial(Oid oid, Tid serial) {
        return data(revisions(oid).stream()
                .filter(found -> found.transaction().tid.equals(serial))
                .findFirst()
                .orElseThrow(() -> Raised.keyError(oid)));
    }

    Tid tid(Oid oid) {
        Found current = revisions(oid).get(0);
        data(current);
        return current.transaction().tid;
    }

    /** The serial that a store must be based on; a deletion's too. */
    Tid current(Oid oid) {
        for (int i = transactions.size() - 1; i >= 0; i--) {
            if (transactions.get(i).entry(oid) != null) {
                return transactions.get(i).tid;
            }
        }
        return Tid.NONE;
    }

    List<Map<Object, Object>> history(Oid oid, long limit) {
        List<Map<Object, Object>> rows = new ArrayList<>();
        for (Found found : revisions(oid)) {
            if (rows.size() == limit) {
                break;
            }
            Map<Object, Object> row = described(found.transaction());
            row.put("tid", Ids.bytes(found.transaction().tid));
            row.put("size", found.entry().data() == null ? 0L : found.entry().data().length);
            rows.add(row);
        }
        return rows;
    }

    private static Map<Object, Object> described(Kept transaction) {
        Map<Object, Object> row = new LinkedHashMap<>();
        row.put("time", transaction.tid.instant().toEpochMilli() / 1000.0);
        row.put("user_name", transaction.user);
        row.put("description", transaction.description);
        row.putAll(transaction.extension);
        return row;
    }

    List<Map<Object, Object>> undoLog(long first, long end) {
        List<Map<Object, Object>> rows = new ArrayList<>();
        long number = 0;
        for (int i = transactions.size() - 1;
                i >= 0 && !transactions.get(i).status.equals("p");
                i--) {
            if (number >= first && number < end) {
                Map<Object, Object> row = described(transactions.get(i));
                row.put("id", Base64.getEncoder().encode(Ids.bytes(transactions.get(i).tid)));
                row.put("size", transactions.get(i).size());
                rows.add(row);
            }
            number++;
        }
        return rows;
    }

    /** What restoring an entry comes to: a link to a transaction that is there and says the same, or data. */
    Entry restored(Oid oid, byte @Nullable [] data, @Nullable Tid origin) {
        if (origin == null) {
            return new Entry(oid, data, null);
        }
        Entry earlier = transactions.stream()
                .filter(transaction -> transaction.tid.equals(origin))
                .findFirst()
                .orElseThrow(() -> new Raised("ZODB.POSException.UndoError", Tuple.of("Invalid transaction id")))
                .entry(oid);
        boolean same = earlier != null && Arrays.equals(earlier.data(), data);
        return new Entry(oid, data, same ? origin : null);
    }

    /** The first current record from an oid on, and the oid behind it. */
    Tuple next(Oid from) {
        NavigableSet<Oid> oids = new TreeSet<>();
        transactions.forEach(transaction -> transaction.entries.forEach(entry -> oids.add(entry.oid())));
        Oid oid = oids.ceiling(from);
        if (oid == null) {
            throw new Raised("builtins.ValueError", Tuple.of("empty tree"));
        }
        Oid behind = oids.higher(oid);
        Found current = revisions(oid).get(0);
        return Tuple.of(
                Ids.bytes(oid),
                Ids.bytes(current.transaction().tid),
                data(current),
                behind == null ? null : Ids.bytes(behind));
    }

    byte[] blob(Oid oid, Tid serial) {
        byte[] bytes = blobs.get(new BlobKey(oid, serial));
        if (bytes == null) {
            throw Raised.keyError(oid);
        }
        return bytes;
    }

    long objects() {
        return transactions.stream()
                .flatMap(transaction -> transaction.entries.stream())
                .map(Entry::oid)
                .distinct()
                .count();
    }

    long bytes() {
        return 4 + transactions.stream().mapToLong(Kept::size).sum();
    }

    /** Forgets what is not current at a moment, without regard to what is referenced. */
    void pack(double time) {
        long nanos = (long) (time % 60 * 1e9);
        long minute = (long) (time - time % 60);
        Tid upTo = new Tid(Tid.at(Instant.ofEpochSecond(minute)).value() | (nanos << 21) / 29_296_875);
        List<Kept> left = new ArrayList<>();
        Map<Oid, Kept> newest = new HashMap<>();
        for (Kept transaction : transactions) {
            if (!transaction.tid.isAfter(upTo)) {
                transaction.entries.forEach(entry -> newest.put(entry.oid(), transaction));
            }
        }
        for (Kept transaction : transactions) {
            if (transaction.tid.isAfter(upTo)) {
                left.add(transaction);
                transaction.entries.replaceAll(entry -> isLeft(left, entry) ? entry : withoutLink(entry));
                continue;
            }
            transaction.entries.removeIf(entry -> newest.get(entry.oid()) != transaction || entry.data() == null);
            transaction.entries.replaceAll(PythonStorage::withoutLink);
            if (!transaction.entries.isEmpty()) {
                transaction.status = "p";
                left.add(transaction);
            }
        }
        transactions = left;
    }

    private static boolean isLeft(List<Kept> left, Entry entry) {
        return entry.origin() != null
                && left.stream()
                        .anyMatch(transaction ->
                                transaction.tid.equals(entry.origin()) && transaction.entry(entry.oid()) != null);
    }

    private static Entry withoutLink(Entry entry) {
        return entry.origin() == null ? entry : new Entry(entry.oid(), entry.data(), null);
    }
}

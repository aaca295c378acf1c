package org.zeoraid.storage.memory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;

/** Transactions by tid, and each object's records by tid. Guarded by its own monitor; what it hands out is immutable. */
final class MemoryContent {

    /** What was set aside: the place that the answer named, and the transactions. */
    record Aside(String place, List<CommittedTransaction> transactions) {}

    private final String name;
    private final TreeMap<Tid, CommittedTransaction> transactions = new TreeMap<>();
    private final TreeMap<Oid, TreeMap<Tid, DataRecord>> objects = new TreeMap<>();
    private final List<Aside> asides = new ArrayList<>();
    private Tid packedTo = Tid.NONE;
    private long bytes;

    MemoryContent(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    synchronized Tid lastTid() {
        return transactions.isEmpty() ? Tid.NONE : transactions.lastKey();
    }

    synchronized Tid packedTo() {
        return packedTo;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized Oid largestOid() {
        return objects.isEmpty() ? Oid.ROOT : objects.lastKey();
    }

    synchronized long objectCount() {
        return objects.values().stream()
                .filter(records -> isThere(last(records)))
                .count();
    }

    synchronized void append(CommittedTransaction transaction) {
        transactions.put(transaction.tid(), transaction);
        index(transaction);
    }

    /** All records of an object, oldest first; empty if there never was one. */
    synchronized NavigableMap<Tid, DataRecord> records(Oid oid) {
        TreeMap<Tid, DataRecord> records = objects.get(oid);
        return records == null ? new TreeMap<>() : new TreeMap<>(records);
    }

    /** The newest record before a tid and the tid of the one after it. */
    synchronized Found before(Oid oid, Tid before) {
        TreeMap<Tid, DataRecord> records = objects.get(oid);
        if (records == null) {
            return new Found(false, Optional.empty(), Tid.NONE, Tid.MAX);
        }
        Map.Entry<Tid, DataRecord> entry = records.lowerEntry(before);
        Tid serial = entry == null ? Tid.NONE : entry.getKey();
        Tid next = records.higherKey(serial);
        return new Found(
                true,
                entry == null ? Optional.empty() : Optional.of(entry.getValue()),
                serial,
                next == null ? Tid.MAX : next);
    }

    /** What {@link #before} finds. */
    record Found(boolean known, Optional<DataRecord> entry, Tid serial, Tid end) {}

    synchronized Optional<CommittedTransaction> transaction(Tid tid) {
        return Optional.ofNullable(transactions.get(tid));
    }

    /** The first transaction after one tid and up to another. */
    synchronized Optional<CommittedTransaction> firstAfter(Tid after, Tid to) {
        Map.Entry<Tid, CommittedTransaction> entry = transactions.higherEntry(after);
        return entry == null || entry.getKey().isAfter(to) ? Optional.empty() : Optional.of(entry.getValue());
    }

    synchronized List<CommittedTransaction> newestFirst() {
        return List.copyOf(transactions.descendingMap().values());
    }

    /** The current record, with its serial, of the first object from an oid on that is not gone. */
    synchronized Optional<Map.Entry<Tid, DataRecord>> currentFrom(Oid from) {
        return objects.tailMap(from, true).values().stream()
                .map(MemoryContent::last)
                .filter(MemoryContent::isThere)
                .findFirst();
    }

    synchronized String cutTail(Tid keep) {
        List<CommittedTransaction> tail =
                List.copyOf(transactions.tailMap(keep, false).values());
        String place = setAside(tail);
        transactions.tailMap(keep, false).clear();
        packedTo = packedTo.isAfter(keep) ? keep : packedTo;
        indexAgain();
        return place;
    }

    synchronized String setAsideAll() {
        String place = setAside(transactions.values());
        transactions.clear();
        packedTo = Tid.NONE;
        indexAgain();
        return place;
    }

    synchronized List<Aside> asides() {
        return List.copyOf(asides);
    }

    private String setAside(Collection<CommittedTransaction> some) {
        String place = "memory:" + name + "/aside-" + (asides.size() + 1);
        asides.add(new Aside(place, List.copyOf(some)));
        return place;
    }

    synchronized Garbage garbage(Tid upTo, Tid laterUpTo) {
        return Garbage.find(objects, upTo, laterUpTo);
    }

    /**
     * Forgets what a pack forgets: records that were no longer current at {@code upTo}, unless a later link points at
     * them, deletions that were, and objects that are garbage.
     *
     * @param laterUpTo later links of transactions behind this one become data
     * @return how many records that were
     */
    synchronized long forget(Tid upTo, Tid laterUpTo, Set<Oid> garbage) {
        Set<Key> origins = new HashSet<>();
        Set<Oid> linked = new HashSet<>();
        for (CommittedTransaction later : transactions
                .subMap(upTo, false, laterUpTo.isAfter(upTo) ? laterUpTo : upTo, true)
                .values()) {
            for (DataRecord entry : later.records()) {
                if (entry.content() instanceof Content.Link link) {
                    origins.add(new Key(entry.oid(), link.origin()));
                    linked.add(entry.oid());
                }
            }
        }
        Set<Key> kept = new HashSet<>();
        for (CommittedTransaction earlier : transactions.headMap(upTo, true).values()) {
            for (DataRecord entry : earlier.records()) {
                Key key = new Key(entry.oid(), earlier.tid());
                // A deletion stays where an origin from before it does, or that one would seem to be current again.
                boolean needed = isThere(entry) || linked.contains(entry.oid());
                boolean current = isCurrentAt(key, upTo) && needed && !garbage.contains(entry.oid());
                if (current || origins.contains(key)) {
                    kept.add(key);
                }
            }
        }
        long dropped = 0;
        Tid last = lastTid();
        for (Tid tid : List.copyOf(transactions.headMap(upTo, true).keySet())) {
            CommittedTransaction before = transaction(tid).orElseThrow();
            List<DataRecord> records = new ArrayList<>();
            for (DataRecord entry : before.records()) {
                if (kept.contains(new Key(entry.oid(), tid))) {
                    records.add(withItsData(entry, kept));
                } else {
                    dropped++;
                }
            }
            // The last transaction stays even when it holds nothing any more: the last tid must not go back.
            if (records.isEmpty() && !tid.equals(last)) {
                transactions.remove(tid);
            } else {
                TransactionHeader header = before.header();
                transactions.put(
                        tid,
                        CommittedTransaction.of(
                                new TransactionHeader(tid, TransactionStatus.PACKED, header.meta(), header.size()),
                                records));
            }
        }
        for (Tid tid : List.copyOf(transactions.tailMap(upTo, false).keySet())) {
            CommittedTransaction later = transaction(tid).orElseThrow();
            List<DataRecord> records = new ArrayList<>();
            for (DataRecord entry : later.records()) {
                boolean lost = entry.content() instanceof Content.Link link
                        && !link.origin().isAfter(upTo)
                        && !kept.contains(new Key(entry.oid(), link.origin()));
                records.add(lost ? withItsData(entry, kept) : entry);
            }
            transactions.put(tid, CommittedTransaction.of(later.header(), records));
        }
        packedTo = upTo;
        indexAgain();
        return dropped;
    }

    private record Key(Oid oid, Tid tid) {}

    /** A link whose origin goes becomes data. */
    private static DataRecord withItsData(DataRecord entry, Set<Key> kept) {
        if (entry.content() instanceof Content.Link link && !kept.contains(new Key(entry.oid(), link.origin()))) {
            return new DataRecord(entry.oid(), new Content.Data(link.bytes()), entry.blob());
        }
        return entry;
    }

    private boolean isCurrentAt(Key key, Tid upTo) {
        TreeMap<Tid, DataRecord> records = objects.get(key.oid());
        return records != null && key.tid().equals(records.floorKey(upTo));
    }

    private void indexAgain() {
        objects.clear();
        bytes = 0;
        transactions.values().forEach(this::index);
    }

    private void index(CommittedTransaction transaction) {
        for (DataRecord entry : transaction.records()) {
            objects.computeIfAbsent(entry.oid(), oid -> new TreeMap<>()).put(transaction.tid(), entry);
        }
        bytes += transaction.dataBytes();
    }

    private static Map.Entry<Tid, DataRecord> last(NavigableMap<Tid, DataRecord> records) {
        return records.lastEntry();
    }

    private static boolean isThere(Map.Entry<Tid, DataRecord> entry) {
        return isThere(entry.getValue());
    }

    private static boolean isThere(DataRecord entry) {
        return !(entry.content() instanceof Content.Absent);
    }
}

package org.zeoraid.storage.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;

/** What a storage must answer, as simple as can be: each object's data by tid, empty where it was gone. */
final class Model {

    final NavigableMap<Tid, Map<Oid, Optional<byte[]>>> transactions = new TreeMap<>();
    final Map<Oid, NavigableMap<Tid, Optional<byte[]>>> objects = new TreeMap<>();

    void commit(Tid tid, Map<Oid, Optional<byte[]>> changes) {
        transactions.put(tid, new HashMap<>(changes));
        changes.forEach((oid, data) ->
                objects.computeIfAbsent(oid, key -> new TreeMap<>()).put(tid, data));
    }

    Tid lastTid() {
        return transactions.isEmpty() ? Tid.NONE : transactions.lastKey();
    }

    Tid serial(Oid oid) {
        return objects.containsKey(oid) ? objects.get(oid).lastKey() : Tid.NONE;
    }

    Optional<byte[]> current(Oid oid) {
        return objects.containsKey(oid) ? objects.get(oid).lastEntry().getValue() : Optional.empty();
    }

    /** The answer to a load: no such object; nothing yet; or a revision. */
    String load(Oid oid, Tid before) {
        NavigableMap<Tid, Optional<byte[]>> revisions = objects.get(oid);
        if (revisions == null) {
            return "not found";
        }
        Map.Entry<Tid, Optional<byte[]>> entry = revisions.lowerEntry(before);
        if (entry == null) {
            return "nothing yet";
        }
        Tid end = revisions.higherKey(entry.getKey());
        return entry.getValue()
                .map(data -> text(new Revision(data, entry.getKey(), end == null ? Tid.MAX : end)))
                .orElse("not found");
    }

    static String text(Revision revision) {
        return Arrays.hashCode(revision.data()) + " " + revision.serial() + " " + revision.end();
    }

    /** What undoing a transaction changes; empty if that is impossible. */
    Optional<Map<Oid, Optional<byte[]>>> undo(Tid tid) {
        Map<Oid, Optional<byte[]>> changes = new HashMap<>();
        for (Map.Entry<Oid, Optional<byte[]>> change : transactions.get(tid).entrySet()) {
            Oid oid = change.getKey();
            boolean same =
                    Arrays.equals(current(oid).orElse(null), change.getValue().orElse(null));
            if (!serial(oid).equals(tid) && !same) {
                return Optional.empty();
            }
            Map.Entry<Tid, Optional<byte[]>> previous = objects.get(oid).lowerEntry(tid);
            changes.put(oid, previous == null ? Optional.empty() : previous.getValue());
        }
        return Optional.of(changes);
    }

    /** Forgets what a pack without garbage collection forgets. Loads from before the pack tid are not asked for any more. */
    void pack(Tid upTo) {
        for (Oid oid : new ArrayList<>(objects.keySet())) {
            NavigableMap<Tid, Optional<byte[]>> revisions = objects.get(oid);
            Tid current = revisions.floorKey(upTo);
            if (current == null) {
                continue;
            }
            if (revisions.get(current).isEmpty()) {
                revisions.headMap(current, true).clear();
            } else {
                revisions.headMap(current, false).clear();
            }
            if (revisions.isEmpty()) {
                objects.remove(oid);
            }
        }
        transactions.headMap(upTo, true).clear();
    }

    List<Tid> tids() {
        return List.copyOf(transactions.keySet());
    }
}

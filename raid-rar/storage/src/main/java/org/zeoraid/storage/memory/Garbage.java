package org.zeoraid.storage.memory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.References;

/**
 * Finds the objects that a pack may forget: those that cannot be reached from the root as of the pack tid, and that no
 * later transaction wrote or references.
 *
 * @param oids the garbage
 * @param note why there is none, where that is for a reason that an admin should know; may be blank
 */
record Garbage(Set<Oid> oids, String note) {

    static final Garbage KEPT = new Garbage(Set.of(), "");

    /**
     * @param all each object's records, oldest first
     * @param laterUpTo what transactions behind this one wrote, or reference, does not count
     */
    static Garbage find(Map<Oid, ? extends NavigableMap<Tid, DataRecord>> all, Tid upTo, Tid laterUpTo) {
        Map<Oid, NavigableMap<Tid, DataRecord>> objects = new HashMap<>();
        all.forEach((oid, records) -> {
            NavigableMap<Tid, DataRecord> counting = records.headMap(laterUpTo.isAfter(upTo) ? laterUpTo : upTo, true);
            if (!counting.isEmpty()) {
                objects.put(oid, counting);
            }
        });
        if (!objects.containsKey(Oid.ROOT)) {
            return new Garbage(Set.of(), "garbage was kept: there is no root object");
        }
        Set<Oid> reached = new HashSet<>();
        Deque<Oid> open = new ArrayDeque<>();
        open.add(Oid.ROOT);
        objects.forEach((oid, records) -> {
            if (!records.tailMap(upTo, false).isEmpty()) {
                open.add(oid);
            }
        });
        while (!open.isEmpty()) {
            Oid oid = open.remove();
            NavigableMap<Tid, DataRecord> records = objects.get(oid);
            if (records != null && reached.add(oid)) {
                live(records, upTo).forEach(entry -> follow(entry, open));
            }
        }
        for (Map.Entry<Oid, NavigableMap<Tid, DataRecord>> object : objects.entrySet()) {
            for (DataRecord entry : live(object.getValue(), upTo)) {
                if (entry.data().map(References::of).orElse(null) instanceof References.Opaque opaque) {
                    return new Garbage(
                            Set.of(),
                            "garbage was kept: the references of object " + object.getKey() + " cannot be read ("
                                    + opaque.reason() + ")");
                }
            }
        }
        Set<Oid> garbage = new HashSet<>(objects.keySet());
        garbage.removeAll(reached);
        return new Garbage(garbage, "");
    }

    /** The records that the pack keeps if the object is no garbage: the one current at the pack tid, and all later ones. */
    private static List<DataRecord> live(NavigableMap<Tid, DataRecord> records, Tid upTo) {
        Tid current = records.floorKey(upTo);
        return List.copyOf((current == null ? records : records.tailMap(current, true)).values());
    }

    private static void follow(DataRecord entry, Deque<Oid> open) {
        if (entry.data().map(References::of).orElse(null) instanceof References.Found found) {
            open.addAll(found.oids());
        }
    }
}

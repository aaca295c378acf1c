package org.zeoraid.storage.pickle;

import java.util.ArrayList;
import java.util.List;
import org.zeoraid.storage.Oid;

/** What can be said of the references of an object record. */
public sealed interface References {

    /**
     * The objects that it references, in the order of their occurrence, repetitions included. Weak references and those
     * into other databases keep nothing alive and are left out.
     */
    record Found(List<Oid> oids) implements References {
        public Found {
            oids = List.copyOf(oids);
        }
    }

    /**
     * The record is not a pair of pickles that can be read: it may reference anything.
     *
     * @param reason what was found, and where
     */
    record Opaque(String reason) implements References {}

    /** Reads a record. Never throws for what the data holds, and takes time and memory in proportion to its length. */
    static References of(byte[] data) {
        List<Oid> oids = new ArrayList<>();
        ReferenceScanner scanner = new ReferenceScanner();
        return scanner.scan(data, oid -> oids.add(new Oid(oid))) ? new Found(oids) : new Opaque(scanner.problem());
    }
}

package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.List;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;

/** Hands out oids larger than all that are known to be in use. Safe for any number of threads. */
final class OidSource {

    private Oid largest = Oid.ROOT;

    synchronized void raise(Oid used) {
        if (used.compareTo(largest) > 0) {
            largest = used;
        }
    }

    void raise(BufferedTransaction.Changes changes) {
        Oid max = Oid.ROOT;
        for (Change change : changes.list()) {
            max = change.oid().compareTo(max) > 0 ? change.oid() : max;
        }
        raise(max);
    }

    /** @throws ProtocolException if so many are not left, or none is asked for */
    synchronized List<Oid> next(int count) {
        if (count < 1 || Long.compareUnsigned(Oid.MAX.value() - largest.value(), count) < 0) {
            throw new ProtocolException("cannot hand out " + count + " oids: the largest one in use is " + largest);
        }
        List<Oid> fresh = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            largest = largest.next();
            fresh.add(largest);
        }
        return fresh;
    }
}

package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;

/**
 * Hands out oids larger than all that are known to be in use. Safe for any number of threads.
 *
 * <p>Clients take oids in advance and use them after a restart too, and nothing tells which an earlier process has given.
 * So the first that are asked for begin somewhere in a wide gap, where hardly any of those lie. A database that has no
 * object but the root begins with 1, as everywhere.
 */
final class OidSource {

    private static final long GAP = 1L << 40;

    private final RandomGenerator random;
    private Oid largest = Oid.ROOT;
    private boolean given;

    OidSource(RandomGenerator random) {
        this.random = random;
    }

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
        long left = Oid.MAX.value() - largest.value();
        if (count < 1 || Long.compareUnsigned(left, count) < 0) {
            throw new ProtocolException("cannot hand out " + count + " oids: the largest one in use is " + largest);
        }
        if (!given && !largest.equals(Oid.ROOT) && Long.compareUnsigned(left - count, GAP) >= 0) {
            largest = new Oid(largest.value() + random.nextLong(GAP));
        }
        given = true;
        List<Oid> fresh = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            largest = largest.next();
            fresh.add(largest);
        }
        return fresh;
    }
}

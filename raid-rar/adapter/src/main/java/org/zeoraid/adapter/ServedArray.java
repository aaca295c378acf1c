package org.zeoraid.adapter;

import org.zeoraid.storage.Storage;
import org.zeoraid.storage.admin.ArrayAdministration;

/** An array as this adapter serves it, and the transactions that are open in it. Safe for any number of threads. */
final class ServedArray {
    private final Storage storage;
    private final ArrayAdministration administration;
    private final BlobSpool spool;
    private final Branches branches;
    private volatile boolean isClosed;

    ServedArray(Storage storage, ArrayAdministration administration, BlobSpool spool, Timeouts timeouts) {
        this.storage = storage;
        this.administration = administration;
        this.spool = spool;
        this.branches = new Branches(this::newUnit, timeouts);
    }

    String name() {
        return storage.name();
    }

    Storage storage() {
        return storage;
    }

    ArrayAdministration administration() {
        return administration;
    }

    Branches branches() {
        return branches;
    }

    UnitOfWork newUnit() {
        return new UnitOfWork(storage, spool);
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Releases the array. Transactions still open fail from now on. */
    void close() {
        isClosed = true;
        storage.close();
    }
}

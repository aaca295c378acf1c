package org.zeoraid.zeo.client;

import org.zeoraid.storage.Tid;

/**
 * The last transaction that a member was seen to have, over all its openings: one that has less afterwards was restored
 * from a backup, or is another database. Safe for any number of threads.
 */
final class ServerMemory {

    private Tid last = Tid.NONE;

    synchronized Tid last() {
        return last;
    }

    /** Only what the server has acknowledged as durable. */
    synchronized void seen(Tid tid) {
        if (tid.isAfter(last)) {
            last = tid;
        }
    }
}

package org.zeoraid.zeo.client;

import org.zeoraid.storage.Tid;

/**
 * What is known of a member's server over all its openings. The last transaction that it was seen to have: one that
 * goes on without it is another database. And how far it was seen to be packed, so that who looks again goes on from
 * there. Safe for any number of threads.
 */
final class ServerMemory {

    private Tid last = Tid.NONE;
    private Tid packed = Tid.NONE;

    synchronized Tid last() {
        return last;
    }

    /** Only what the server has acknowledged as durable. */
    synchronized void seen(Tid tid) {
        if (tid.isAfter(last)) {
            last = tid;
        }
    }

    /** The server has less than it had. */
    synchronized void startAnew() {
        last = Tid.NONE;
        packed = Tid.NONE;
    }

    /** How far it is packed at the least. */
    synchronized Tid packed() {
        return packed;
    }

    synchronized void packed(Tid tid) {
        if (tid.isAfter(packed)) {
            packed = tid;
        }
    }
}

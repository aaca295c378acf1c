package org.zeoraid.zeo.server;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** What one transaction changed. One for all clients: it is encoded once. Safe for any number of threads. */
final class Changes {

    /** Up to here a list is searched faster than a set is built. */
    private static final int FEW = 16;

    private final Tid tid;
    private final List<Oid> oids;
    private final @Nullable ServerTransaction by;
    private volatile @Nullable ByteBuffer frame;
    private volatile @Nullable Set<Oid> set;

    /** @param by the transaction itself, if it is a client's of this server, and not remembered but new */
    Changes(Tid tid, List<Oid> oids, @Nullable ServerTransaction by) {
        this.tid = tid;
        this.oids = oids;
        this.by = by;
    }

    Tid tid() {
        return tid;
    }

    List<Oid> oids() {
        return oids;
    }

    boolean isBy(@Nullable ServerTransaction transaction) {
        return by != null && by == transaction;
    }

    boolean contains(Oid oid) {
        if (oids.size() <= FEW) {
            return oids.contains(oid);
        }
        Set<Oid> known = set;
        if (known == null) {
            known = new HashSet<>(oids);
            set = known;
        }
        return known.contains(oid);
    }

    /** The message that tells a client. Two threads may both encode it, to the same bytes. */
    ByteBuffer frame(Codec codec) {
        ByteBuffer encoded = frame;
        if (encoded == null) {
            encoded = codec.frame(Message.oneWay("invalidateTransaction", Ids.bytes(tid), Python.oids(oids)));
            frame = encoded;
        }
        return encoded.duplicate();
    }

    /** The same without what only clients that are connected need. */
    Changes remembered() {
        return new Changes(tid, oids, null);
    }
}

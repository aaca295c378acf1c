package org.zeoraid.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.zeoraid.storage.Oid;
import org.zeoraid.zeo.codec.Ids;

/** Commits over one connection in the steps of Python's client: begin, stores and vote in one go, then finish. */
final class ZeoCommits {

    private static final byte[] NOTHING = {};
    private static final byte[] DESCRIPTION = "benchmark".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW = new byte[Long.BYTES];

    private final ZeoConnection connection;
    private final byte[] data;
    private final List<byte[]> own;
    private byte[] serial = NEW;
    private long transactions;

    ZeoCommits(ZeoConnection connection, int objects, int bytes, long seed) {
        this.connection = connection;
        this.own = newOids(objects);
        this.data = new byte[bytes];
        new Random(seed).nextBytes(data);
    }

    /** Rewrites the client's own objects. */
    void commit() {
        serial = commit(own, serial);
    }

    /** Creates objects. */
    List<Oid> create(int count) {
        List<byte[]> oids = newOids(count);
        commit(oids, NEW);
        return oids.stream().map(oid -> new Oid(Ids.number(oid))).toList();
    }

    private byte[] commit(List<byte[]> oids, byte[] based) {
        Long transaction = begin(connection, ++transactions);
        for (byte[] oid : oids) {
            connection.oneWay("storea", oid, based, data, transaction);
        }
        return end(connection, transaction);
    }

    static Long begin(ZeoConnection connection, Long transaction) {
        connection.oneWay("tpc_begin", transaction, NOTHING, DESCRIPTION, Map.of(), null, " ");
        return transaction;
    }

    /** Votes and finishes; the tid. */
    static byte[] end(ZeoConnection connection, Long transaction) {
        if (connection.call("vote", transaction) instanceof List<?> resolved && !resolved.isEmpty()) {
            throw new IllegalStateException("conflicts: " + resolved);
        }
        if (connection.call("tpc_finish", transaction) instanceof byte[] tid) {
            return tid;
        }
        throw new IllegalStateException("finish without a tid");
    }

    private List<byte[]> newOids(int count) {
        return newOids(connection, count);
    }

    static List<byte[]> newOids(ZeoConnection connection, int count) {
        List<byte[]> oids = new ArrayList<>();
        while (oids.size() < count) {
            if (!(connection.call("new_oids", (long) count - oids.size()) instanceof List<?> some)) {
                throw new IllegalStateException("no new oids");
            }
            some.forEach(oid -> oids.add((byte[]) oid));
        }
        return oids.subList(0, count);
    }
}

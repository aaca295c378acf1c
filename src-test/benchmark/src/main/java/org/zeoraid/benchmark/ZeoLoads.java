package org.zeoraid.benchmark;

import java.util.List;
import java.util.Random;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** Loads of current revisions, uniform over some objects, over one connection. */
final class ZeoLoads {

    /** How many are under way at once where they are pipelined. */
    private static final int WINDOW = 64;

    private static final byte[] CURRENT = Ids.bytes(Tid.MAX);

    private final ZeoConnection connection;
    private final List<byte[]> oids;
    private final Random random = new Random(1);
    private int underWay;

    ZeoLoads(ZeoConnection connection, List<Oid> oids) {
        this.connection = connection;
        this.oids = oids.stream().map(Ids::bytes).toList();
    }

    /** One load from request to reply. */
    void one() {
        send();
        connection.flush();
        check(connection.reply());
    }

    /** Waits for one reply, with as many requests under way as may be. */
    void next() {
        while (underWay < WINDOW) {
            send();
            underWay++;
        }
        receive();
    }

    /** Waits for all that are under way. */
    void drain() {
        while (underWay > 0) {
            receive();
        }
    }

    private void receive() {
        if (connection.isDrained()) {
            connection.flush();
        }
        check(connection.reply());
        underWay--;
    }

    private void send() {
        byte[] oid = oids.get(random.nextInt(oids.size()));
        connection.send(Message.request(Tuple.of(oid, CURRENT), "loadBefore", oid, CURRENT));
    }

    private static void check(Message reply) {
        if (!(reply.arguments() instanceof List<?> row) || row.size() != 3 || row.get(2) != null) {
            throw new IllegalStateException("no current revision: " + reply.arguments());
        }
    }
}

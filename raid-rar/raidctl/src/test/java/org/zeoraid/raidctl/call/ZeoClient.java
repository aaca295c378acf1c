package org.zeoraid.raidctl.call;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;

/** A client as Zope's is one, reduced to commits and loads, one at a time. */
public final class ZeoClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Line line;
    private final Codec codec;
    private long lastId;

    private ZeoClient(Line line, Codec codec) {
        this.line = line;
        this.codec = codec;
    }

    public static ZeoClient connect(SocketAddress address, String storage) {
        Line line = Line.open(address, PATIENCE);
        byte[] greeting = line.receive(PATIENCE);
        ZeoClient client = new ZeoClient(line, Codec.byLetter((char) greeting[0]));
        line.send(greeting, PATIENCE);
        client.ask("register", storage, false);
        return client;
    }

    /** Commits new data for objects; {@link Tid#NONE} is the serial of a new one. */
    public Tid commit(String description, Map<Oid, Tid> based, byte[] data) {
        Long id = ++lastId;
        byte[] none = {};
        tell("tpc_begin", id, none, description.getBytes(java.nio.charset.StandardCharsets.UTF_8), Map.of(), null, " ");
        based.forEach((oid, serial) -> tell("storea", bytes(oid.value()), bytes(serial.value()), data, id));
        Object conflicts = ask("vote", id);
        if (conflicts instanceof List<?> list && !list.isEmpty()) {
            throw new AssertionError("a conflict: " + list);
        }
        return tid(ask("tpc_finish", id));
    }

    /** The current data of an object. */
    public byte[] load(Oid oid) {
        Object row = ask("loadBefore", bytes(oid.value()), bytes(Long.MAX_VALUE));
        if (row instanceof List<?> list && list.get(0) instanceof byte[] data) {
            return data;
        }
        throw new AssertionError("no data of " + oid + ": " + row);
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static Tid tid(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return new Tid(ByteBuffer.wrap(bytes).getLong());
        }
        throw new AssertionError("no tid: " + value);
    }

    private void tell(String method, @Nullable Object... arguments) {
        line.send(codec.encode(Message.oneWay(method, arguments)), PATIENCE);
    }

    private @Nullable Object ask(String method, @Nullable Object... arguments) {
        Long id = ++lastId;
        line.send(codec.encode(Message.request(id, method, arguments)), PATIENCE);
        while (true) {
            Message message = codec.decode(line.receive(PATIENCE));
            if (message.isReply() && id.equals(message.id())) {
                if (message.flag() == 2) {
                    throw new AssertionError(method + " failed: " + message.arguments());
                }
                return message.arguments();
            }
        }
    }

    @Override
    public void close() {
        line.close();
    }
}

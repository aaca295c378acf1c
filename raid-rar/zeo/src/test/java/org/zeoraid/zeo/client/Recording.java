package org.zeoraid.zeo.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.transcript.Transcript;

/** What a Python server said when it was recorded, to be said once more, in the same bytes, to a client of ours. */
final class Recording {

    /**
     * A request and what it was answered with.
     *
     * @param between what the server sent by itself on the same connection meanwhile
     * @param bytes the reply as it was sent
     */
    record Exchange(String scenario, Message request, List<byte[]> between, Message reply, byte[] bytes) {

        String method() {
            return request.method();
        }

        List<?> arguments() {
            return (List<?>) request.arguments();
        }

        Object value() {
            return reply.arguments();
        }

        boolean isError() {
            return reply.flag() == 2;
        }
    }

    private final char encoding;
    private final List<Exchange> exchanges = new ArrayList<>();

    private record Asked(Message request, List<byte[]> between) {}

    Recording(String name, char encoding) {
        this.encoding = encoding;
        Codec codec = Codec.byLetter(encoding);
        Map<Integer, Map<Object, Asked>> open = new HashMap<>();
        for (Transcript line : Transcript.read(name)) {
            if (!line.isMessage(encoding)) {
                continue;
            }
            Map<Object, Asked> asked = open.computeIfAbsent(line.connection(), number -> new HashMap<>());
            Message message = codec.decode(line.bytes());
            if (!line.fromServer()) {
                if (!message.isOneWay()) {
                    asked.put(key(message), new Asked(message, new ArrayList<>()));
                }
            } else if (message.isReply()) {
                Asked before = asked.remove(key(message));
                exchanges.add(new Exchange(line.scenario(), before.request(), before.between(), message, line.bytes()));
            } else {
                asked.values().forEach(waiting -> waiting.between().add(line.bytes()));
            }
        }
    }

    private static Object key(Message message) {
        return message.id() instanceof List<?> pair ? Arrays.deepToString(pair.toArray()) : message.id();
    }

    List<Exchange> all(String method) {
        return exchanges.stream()
                .filter(exchange -> exchange.method().equals(method))
                .toList();
    }

    List<Exchange> scenario(String words) {
        return exchanges.stream()
                .filter(exchange -> exchange.scenario().contains(words))
                .toList();
    }

    /** All that the server sent for a request, with the reply's id another one's. */
    ScriptedServer.Raw to(Message request, Exchange exchange) {
        List<byte[]> messages = new ArrayList<>(exchange.between());
        messages.add(withId(exchange.bytes(), (Long) request.id()));
        return new ScriptedServer.Raw(messages);
    }

    /** Behind the id come the flag and the method, in 2 or 7 bytes and the word. */
    private byte[] withId(byte[] reply, long id) {
        int word = new String(reply, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(Message.REPLY);
        int rest = word - (encoding == 'M' ? 2 : 7);
        ByteBuffer changed = ByteBuffer.allocate(8 + reply.length - rest);
        if (encoding == 'M') {
            changed.put((byte) 0x94).put((byte) 0xCE).putInt((int) id);
        } else {
            changed.put((byte) 0x80).put((byte) 3).put((byte) '(').put((byte) 'J');
            changed.order(ByteOrder.LITTLE_ENDIAN).putInt((int) id);
        }
        changed.put(reply, rest, reply.length - rest);
        return Arrays.copyOf(changed.array(), changed.position());
    }
}

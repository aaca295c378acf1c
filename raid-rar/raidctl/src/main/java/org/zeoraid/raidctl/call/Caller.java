package org.zeoraid.raidctl.call;

import java.io.EOFException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.PythonObject;

/**
 * A connection to a server of arrays, registered for looking after one of them: one question at a time, each answered before the next. One
 * thread at a time.
 */
public final class Caller implements AutoCloseable {

    /** For what takes as long as it takes. */
    public static final Duration LONG = Duration.ofDays(7);

    /** As often as Python's clients. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    /** What an array refuses: a code, and a sentence for the admin. */
    private static final String REFUSED = "zeoraid.AdministrationError";

    private final Line line;
    private final Codec codec;
    private final Duration deadline;
    private final String storage;
    private long lastId;

    private Caller(Line line, Codec codec, Duration deadline, String storage) {
        this.line = line;
        this.codec = codec;
        this.deadline = deadline;
        this.storage = storage;
    }

    /**
     * Connects to a server, and chooses one of its storages.
     *
     * @throws Refusal if nobody answers, or there is no such storage
     */
    static Caller register(SocketAddress address, String storage, Duration deadline) {
        return register(address, storage, deadline, KEEP_ALIVE);
    }

    static Caller register(SocketAddress address, String storage, Duration deadline, Duration keepAlive) {
        Line line = Line.open(address, deadline);
        try {
            byte[] greeting = line.receive(deadline);
            Caller caller = new Caller(line, codec(line, greeting), deadline, storage);
            line.send(greeting, deadline);
            try {
                caller.ask("raid_register", storage);
            } catch (Refusal e) {
                throw unregistered(line.title(), storage, e);
            }
            line.keepAlive(caller.codec.encode(Message.result(Message.KEEP_ALIVE_ID, null)), keepAlive);
            return caller;
        } catch (Refusal e) {
            line.close();
            throw e;
        }
    }

    private static Refusal unregistered(String server, String storage, Refusal e) {
        if (e.kind() == Refusal.Kind.FAILED) {
            return Refusal.wrongUse(server + " does not serve '" + storage + "': " + e.getMessage());
        }
        return e.getCause() instanceof EOFException
                ? Refusal.unreachable(e.getMessage() + ", as one of Python's does: only ours has arrays", e)
                : e;
    }

    private static Codec codec(Line line, byte[] greeting) {
        String text = new String(greeting, StandardCharsets.ISO_8859_1);
        if (!text.matches("[MZ]5")) {
            throw Refusal.unreachable(
                    line.title() + " is no ZEO 5 server", new MalformedMessageException("an unknown greeting"));
        }
        return Codec.byLetter(text.charAt(0));
    }

    /** The names of a server's storages, as it answers monitors. */
    static List<String> storages(SocketAddress address, Duration deadline) {
        try (Line line = Line.open(address, deadline)) {
            codec(line, line.receive(deadline));
            line.send("ruok".getBytes(StandardCharsets.ISO_8859_1), deadline);
            return JsonKeys.of(new String(line.receive(deadline), StandardCharsets.UTF_8));
        }
    }

    /** The storage's name. */
    public String storage() {
        return storage;
    }

    /** Where the server is. */
    public String title() {
        return line.title();
    }

    /**
     * Calls a method and waits for its answer.
     *
     * @throws Refusal with the server's words if it answers with an error, or not at all
     */
    public @Nullable Object ask(String method, @Nullable Object... arguments) {
        return askWithin(deadline, method, arguments);
    }

    /** Does what {@link #ask} does for as long as it takes. */
    public @Nullable Object askPatiently(String method, @Nullable Object... arguments) {
        return askWithin(LONG, method, arguments);
    }

    private @Nullable Object askWithin(Duration patience, String method, @Nullable Object... arguments) {
        Long id = ++lastId;
        line.send(codec.encode(Message.request(id, method, arguments)), deadline);
        while (true) {
            Message message;
            try {
                message = codec.decode(line.receive(patience));
            } catch (MalformedMessageException e) {
                throw Refusal.unreachable(line.title() + " sent what cannot be read: " + e.getMessage(), e);
            }
            // The server may tell of commits meanwhile.
            if (message.isReply() && id.equals(message.id())) {
                if (message.flag() == 2) {
                    throw Refusal.failed(error(message.arguments()));
                }
                return message.arguments();
            }
        }
    }

    /** The words of an error: a class of Python's with what it was made of. */
    private static String error(@Nullable Object reply) {
        if (reply instanceof List<?> pair && pair.size() == 2) {
            return words(String.valueOf(pair.get(0)), pair.get(1));
        }
        if (reply instanceof PythonObject object) {
            return words(object.callable(), object.arguments());
        }
        return "the server answered with an error: " + reply;
    }

    private static String words(String className, @Nullable Object details) {
        if (className.equals(REFUSED) && details instanceof List<?> pair && pair.size() == 2) {
            return String.valueOf(pair.get(1));
        }
        if (details instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof String text) {
            return text;
        }
        if (details instanceof Map<?, ?> map && map.get("message") instanceof String text) {
            return text;
        }
        String kind = className.substring(className.lastIndexOf('.') + 1);
        return kind + (details == null || details.equals(List.of()) ? "" : ": " + details);
    }

    @Override
    public void close() {
        line.close();
    }
}

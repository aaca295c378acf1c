package org.zeoraid.zeo.codec;

import java.nio.ByteBuffer;

/** One of the protocol's two encodings. Without state, safe for any number of threads. */
public interface Codec {

    /** How deep values may be nested, in both directions. */
    int MAX_DEPTH = 64;

    /** How many values a message may consist of if nothing else is said: what a client believes of its server. */
    int MAX_VALUES = 20_000_000;

    /** The byte that announces the encoding in the handshake: {@code M} or {@code Z}. */
    char letter();

    /**
     * The message's bytes, without a length in front.
     *
     * @throws MalformedMessageException if a value is of no kind that the encoding knows, or nested too deep
     */
    byte[] encode(Message message);

    /** The message's bytes with their length in front, as they go over the wire; otherwise like {@link #encode}. */
    ByteBuffer frame(Message message);

    /**
     * Reads a message from a server, of at most {@link #MAX_VALUES} values.
     *
     * @throws MalformedMessageException if the bytes are not exactly one message
     */
    Message decode(byte[] bytes);

    /**
     * Reads a message from a client, which names nothing of Python's but what is harmless: {@link PythonObject#isHarmless}.
     *
     * @param maxValues how many values, nested ones included, it may consist of; each costs some 30 bytes of memory
     * @throws MalformedMessageException if the bytes are not exactly one such message
     */
    Message decodeRequest(byte[] bytes, int maxValues);

    /** The encoding that a handshake announces. */
    static Codec byLetter(char letter) {
        return switch (letter) {
            case 'M' -> MsgpackCodec.INSTANCE;
            case 'Z' -> PickleCodec.INSTANCE;
            default -> throw new MalformedMessageException("no encoding '" + letter + "'; M and Z are known");
        };
    }
}

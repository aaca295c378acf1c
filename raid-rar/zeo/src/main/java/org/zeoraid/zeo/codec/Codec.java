package org.zeoraid.zeo.codec;

/** One of the protocol's two encodings. Without state, safe for any number of threads. */
public interface Codec {

    /** How deep values may be nested, in both directions. */
    int MAX_DEPTH = 64;

    /** The byte that announces the encoding in the handshake: {@code M} or {@code Z}. */
    char letter();

    /** The message's bytes, without a length in front. */
    byte[] encode(Message message);

    /** @throws MalformedMessageException if the bytes are not exactly one message */
    Message decode(byte[] bytes);

    /** The encoding that a handshake announces. */
    static Codec byLetter(char letter) {
        return switch (letter) {
            case 'M' -> MsgpackCodec.INSTANCE;
            case 'Z' -> PickleCodec.INSTANCE;
            default -> throw new MalformedMessageException("no encoding '" + letter + "'; M and Z are known");
        };
    }
}

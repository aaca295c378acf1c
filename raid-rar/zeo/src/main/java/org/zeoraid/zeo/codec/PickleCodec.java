package org.zeoraid.zeo.codec;

/** Pickle protocol 3, encoding {@code Z}. */
final class PickleCodec implements Codec {

    static final PickleCodec INSTANCE = new PickleCodec();

    private PickleCodec() {}

    @Override
    public char letter() {
        return 'Z';
    }

    @Override
    public byte[] encode(Message message) {
        return PickleWriter.pickle(message.parts());
    }

    @Override
    public Message decode(byte[] bytes) {
        return Message.from(PickleReader.unpickle(bytes));
    }
}

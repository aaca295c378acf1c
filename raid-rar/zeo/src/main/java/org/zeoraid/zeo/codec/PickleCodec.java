package org.zeoraid.zeo.codec;

import java.nio.ByteBuffer;

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
        Output output = new Output(message.expectedSize());
        PickleWriter.write(output, message.parts());
        return output.toArray();
    }

    @Override
    public ByteBuffer frame(Message message) {
        Output output = new Output(message.expectedSize()).bigEndian(0, Integer.BYTES);
        PickleWriter.write(output, message.parts());
        return output.sizeAt(0).toBuffer();
    }

    @Override
    public Message decode(byte[] bytes) {
        return Message.from(PickleReader.unpickle(bytes));
    }

    @Override
    public Message decodeRequest(byte[] bytes, int maxValues) {
        return Message.from(PickleReader.unpickle(bytes, maxValues, PythonObject::isHarmless));
    }
}

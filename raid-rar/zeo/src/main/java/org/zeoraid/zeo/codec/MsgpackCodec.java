package org.zeoraid.zeo.codec;

import java.nio.ByteBuffer;

/** msgpack, encoding {@code M}: bytes are {@code bin}, text is {@code str}, sequences are read as tuples. */
final class MsgpackCodec implements Codec {

    static final MsgpackCodec INSTANCE = new MsgpackCodec();

    private MsgpackCodec() {}

    @Override
    public char letter() {
        return 'M';
    }

    @Override
    public byte[] encode(Message message) {
        Output output = new Output(message.expectedSize());
        MsgpackWriter.write(output, message.parts());
        return output.toArray();
    }

    @Override
    public ByteBuffer frame(Message message) {
        Output output = new Output(message.expectedSize()).bigEndian(0, Integer.BYTES);
        MsgpackWriter.write(output, message.parts());
        return output.sizeAt(0).toBuffer();
    }

    @Override
    public Message decode(byte[] bytes) {
        return decodeRequest(bytes, MAX_VALUES);
    }

    @Override
    public Message decodeRequest(byte[] bytes, int maxValues) {
        return Message.from(MsgpackReader.read(bytes, maxValues));
    }
}

package org.zeoraid.zeo.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.PickleReader;

/** Bytes are a message or refused; and what is a message can be sent on. */
class CodecFuzzTest {

    private static final int VALUES = 10_000;

    @FuzzTest(maxDuration = "2m")
    void msgpack(byte[] bytes) {
        read('M', bytes);
    }

    @FuzzTest(maxDuration = "2m")
    void pickle(byte[] bytes) {
        read('Z', bytes);
    }

    @FuzzTest(maxDuration = "2m")
    void objectRecords(byte[] bytes) {
        try {
            PickleReader.unpickleFirst(bytes);
        } catch (MalformedMessageException expected) {
            // Refused.
        }
    }

    private static void read(char letter, byte[] bytes) {
        Codec codec = Codec.byLetter(letter);
        Message message;
        try {
            message = codec.decodeRequest(bytes, VALUES);
        } catch (MalformedMessageException expected) {
            return;
        }
        byte[] again = codec.encode(message);
        codec.decodeRequest(again, Codec.MAX_VALUES);
    }
}

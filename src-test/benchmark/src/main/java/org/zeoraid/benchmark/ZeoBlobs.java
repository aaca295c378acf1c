package org.zeoraid.benchmark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** A large blob to a server over an array and back, and what memory that takes. */
final class ZeoBlobs {

    /** What Python's client and server send at once. */
    private static final int CHUNK = 59_000;

    private static final long SIZE = Long.getLong("benchmark.blob.mib", 1024) << 20;
    private static final byte[] RECORD = BlobRecords.record();
    private static final byte[] NEW = new byte[Long.BYTES];

    private ZeoBlobs() {}

    static void run(Path folder) throws Exception {
        try (ZeoServerProcess server = new ZeoServerProcess(folder, "-Xmx256m");
                ZeoConnection connection = new ZeoConnection(server.target())) {
            server.watchMemory();
            byte[] oid = ZeoCommits.newOids(connection, 1).get(0);
            CRC32C sent = new CRC32C();
            long start = System.nanoTime();
            byte[] serial = up(connection, oid, sent);
            long middle = System.nanoTime();
            CRC32C received = new CRC32C();
            long size = down(connection, oid, serial, received);
            long end = System.nanoTime();
            if (size != SIZE || sent.getValue() != received.getValue()) {
                throw new IllegalStateException("a blob of " + SIZE + " bytes came back as another, of " + size);
            }
            ZeoServerProcess.Memory above = server.memoryAboveIdle();
            String what = "a blob of " + (SIZE >> 20) + " MiB, ";
            Report.rate(what + "up to the end of its commit", (SIZE >> 20) / ((middle - start) / 1e9), "MiB");
            Report.rate(what + "down", (SIZE >> 20) / ((end - middle) / 1e9), "MiB");
            Report.ratio(what + "MiB of heap above idle", above.heap() / 1048576.0, "at most 64");
            Report.print("%-58s %8.2f", what + "MiB of direct buffers above idle", above.direct() / 1048576.0);
        }
    }

    private static byte[] up(ZeoConnection connection, byte[] oid, CRC32C sum) {
        byte[] chunk = new byte[CHUNK];
        new Random(1).nextBytes(chunk);
        Long transaction = ZeoCommits.begin(connection, 1L);
        connection.oneWay("storea", oid, NEW, RECORD, transaction);
        connection.oneWay("storeBlobStart");
        long left = SIZE;
        while (left > 0) {
            byte[] piece = left < CHUNK ? Arrays.copyOf(chunk, (int) left) : chunk;
            connection.oneWay("storeBlobChunk", (Object) piece);
            sum.update(piece);
            left -= piece.length;
        }
        connection.oneWay("storeBlobEnd", oid, NEW, RECORD, transaction);
        return ZeoCommits.end(connection, transaction);
    }

    private static long down(ZeoConnection connection, byte[] oid, byte[] serial, CRC32C sum) {
        connection.request("sendBlob", oid, serial);
        long size = 0;
        while (true) {
            Message message = connection.receive();
            if (message.isReply()) {
                ZeoConnection.result(message);
                return size;
            }
            if (message.method().equals("receiveBlobChunk")
                    && message.arguments() instanceof Tuple arguments
                    && arguments.get(2) instanceof byte[] piece) {
                sum.update(piece);
                size += piece.length;
            }
        }
    }
}

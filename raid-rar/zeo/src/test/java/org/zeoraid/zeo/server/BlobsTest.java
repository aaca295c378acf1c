package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

class BlobsTest {

    private static final byte[] RECORD =
            "\u0080\u0003cZODB.blob\nBlob\n.\u0080\u0003N.".getBytes(StandardCharsets.ISO_8859_1);

    @TempDir
    Path folder;

    private static Tid store(Peer peer, long oid, Tid based, byte[] blob) throws IOException {
        peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
        peer.oneWay("storeBlobStart");
        for (int start = 0; start < blob.length; start += 59_000) {
            peer.oneWay("storeBlobChunk", Arrays.copyOfRange(blob, start, Math.min(blob.length, start + 59_000)));
        }
        peer.oneWay("storeBlobEnd", Ids.bytes(new Oid(oid)), Ids.bytes(based), RECORD, 7L);
        peer.call("vote", 7L);
        return new Tid(Ids.number((byte[]) peer.call("tpc_finish", 7L)));
    }

    private static byte[] fetch(Peer peer, long oid, Tid tid) throws IOException {
        peer.call("sendBlob", Ids.bytes(new Oid(oid)), Ids.bytes(tid));
        var bytes = new java.io.ByteArrayOutputStream();
        Message call = peer.called();
        while (!call.method().equals("receiveBlobStop")) {
            if (call.method().equals("receiveBlobChunk")) {
                bytes.writeBytes((byte[]) ((List<?>) call.arguments()).get(2));
            }
            call = peer.called();
        }
        return bytes.toByteArray();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aBlobComesBackAsItWasSentAndNothingStaysInTheSpool() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            for (int size : new int[] {0, 1, 59_000, 59_001, 20 << 20}) {
                byte[] blob = random(size);

                Tid tid = store(peer, size, Tid.NONE, blob);

                assertThat(fetch(peer, size, tid)).isEqualTo(blob);
            }
        }
        assertThat(folder.resolve("spool")).isEmptyDirectory();
    }

    @Test
    void aBlobThatThereIsNotIsAnErrorOfKeys() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            assertThat(peer.error("sendBlob", new byte[8], new byte[8]).get(0))
                    .isEqualTo("ZODB.POSException.POSKeyError");
        }
    }

    @Test
    void inASharedFolderEveryBlobLiesWhereClientsLookForIt() throws IOException {
        Path shared = folder.resolve("shared");
        Path home = shared.resolve("0x00/0x00/0x00/0x00/0x00/0x00/0x00/0x05");
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(storage)
                        .withSharedBlobs(shared));
                Peer peer = Peer.registered(served.address)) {
            // Over the wire, by a client that shares nothing.
            Tid first = store(peer, 5, Tid.NONE, random(100));
            assertThat(home.resolve("0x" + first + ".blob")).hasBinaryContent(random(100));

            // By one that has put it there.
            String name = "'\\x00\\x00'some.tmp-";
            Files.write(home.resolve(name), random(200));
            peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
            peer.oneWay("storeBlobShared", Ids.bytes(new Oid(5)), Ids.bytes(first), RECORD, name, 7L);
            peer.call("vote", 7L);
            Tid second = new Tid(Ids.number((byte[]) peer.call("tpc_finish", 7L)));

            assertThat(home.resolve("0x" + second + ".blob")).hasBinaryContent(random(200));
            assertThat(fetch(peer, 5, second)).isEqualTo(random(200));
            assertThat(Files.readString(shared.resolve(".layout"))).isEqualTo("bushy");
        }
        try (var left = Files.list(home)) {
            assertThat(left.map(file -> file.getFileName().toString())).allMatch(name -> name.endsWith(".blob"));
        }
    }

    @Test
    void namesThatLeadOutOfTheSharedFolderAreRefused() throws IOException {
        Path shared = folder.resolve("shared");
        Files.write(folder.resolve("secret.tmp"), random(10));
        try (Served served = new Served(
                folder, options -> options, storage -> Offering.of(storage).withSharedBlobs(shared))) {
            for (String name :
                    List.of("../../../../../../../../../secret.tmp", "/etc/passwd", "missing.tmp", "..", "")) {
                try (Peer peer = Peer.registered(served.address)) {
                    peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
                    peer.oneWay("storeBlobShared", new byte[8], new byte[8], RECORD, name, 7L);
                    assertThat(peer.error("vote", 7L).toString()).contains("no temporary file");
                }
            }
        }
    }
}

package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.greaterThan;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.ProcessFiles;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

class BlobsTest {

    private static final byte[] RECORD =
            "\u0080\u0003cZODB.blob\nBlob\n.\u0080\u0003N.".getBytes(StandardCharsets.ISO_8859_1);

    /** No system has so many. */
    private static final long NO_PROCESS = 999_999_999;

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

    /** Also if the storage is never asked for one afterwards. */
    @Test
    void aBlobThatAnUndoBringsBackLiesThereWhenTheTransactionIsAcknowledged() throws IOException {
        Path shared = folder.resolve("shared");
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(Intercepted.storage(
                                storage,
                                (method, arguments, call) ->
                                        method.equals("blob") ? new CompletableFuture<>() : call.go()))
                        .withSharedBlobs(shared));
                Peer peer = Peer.registered(served.address)) {
            Tid first = store(peer, 5, Tid.NONE, random(100));
            Tid second = store(peer, 5, first, random(200));

            Tid undone = undo(peer, second);
            assertThat(home(shared, 5).resolve("0x" + undone + ".blob")).hasBinaryContent(random(100));

            Tid redone = undo(peer, undone);
            assertThat(home(shared, 5).resolve("0x" + redone + ".blob")).hasBinaryContent(random(200));
        }
        try (Stream<Path> left = Files.list(home(shared, 5))) {
            assertThat(left.map(file -> file.getFileName().toString())).allMatch(name -> name.endsWith(".blob"));
        }
        assertThat(folder.resolve("spool")).isEmptyDirectory();
    }

    private static Tid undo(Peer peer, Tid tid) throws IOException {
        peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
        peer.oneWay("undoa", Base64.getEncoder().encode(Ids.bytes(tid)), 7L);
        peer.call("vote", 7L);
        return new Tid(Ids.number((byte[]) peer.call("tpc_finish", 7L)));
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

    /** However many a client asks for, the server reads ahead for one. */
    @Test
    void blobsThatAreAskedForTogetherComeOneAfterAnother() throws IOException {
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Served served = new Served(
                        folder,
                        options -> options,
                        storage -> Offering.of(Intercepted.storage(storage, (method, arguments, call) -> {
                            Object answer = call.go();
                            return method.equals("blob")
                                    ? ((CompletionStage<?>) answer)
                                            .thenApply(blob -> counted((BlobSource) blob, reading, most))
                                    : answer;
                        })));
                Peer peer = Peer.registered(served.address)) {
            List<Tid> tids = new ArrayList<>();
            for (int oid = 0; oid < 4; oid++) {
                tids.add(store(peer, oid, Tid.NONE, random(600_000)));
            }
            List<Long> asked = new ArrayList<>();
            for (int oid = 0; oid < 4; oid++) {
                asked.add(peer.request("sendBlob", Ids.bytes(new Oid(oid)), Ids.bytes(tids.get(oid))));
            }
            for (int oid = 0; oid < 4; oid++) {
                assertThat(peer.reply(asked.get(oid)).flag()).isZero();
            }
            assertThat(most).hasValue(1);
        }
    }

    private static BlobSource counted(BlobSource blob, AtomicInteger reading, AtomicInteger most) {
        return Intercepted.of(BlobSource.class, blob, (method, arguments, call) -> {
            if (!method.equals("open")) {
                return call.go();
            }
            most.accumulateAndGet(reading.incrementAndGet(), Math::max);
            return new FilterInputStream((InputStream) call.go()) {
                @Override
                public void close() throws IOException {
                    reading.decrementAndGet();
                    super.close();
                }
            };
        });
    }

    private static Path home(Path shared, int oid) {
        return shared.resolve("0x00/0x00/0x00/0x00/0x00/0x00/0x00/0x0" + oid);
    }

    @Test
    void whatAPackRemovesLeavesTheSharedFolderAlsoIfNothingOfTheObjectIsLeft() throws IOException {
        Path shared = folder.resolve("shared");
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(storage)
                        .withSharedBlobs(shared));
                Peer peer = Peer.registered(served.address)) {
            Tid old = store(peer, 5, Tid.NONE, random(100));
            Tid current = store(peer, 5, old, random(200));
            Tid garbage = store(peer, 6, Tid.NONE, random(300));
            StorageTransaction deleting = served.storage.begin(TransactionMeta.of("", ""));
            deleting.delete(new Oid(6), garbage);
            deleting.vote().toCompletableFuture().join();
            Tid last = deleting.finish().toCompletableFuture().join();
            Files.writeString(home(shared, 5).resolve("notes.txt"), "not ours");
            assertThat(home(shared, 6).resolve("0x" + garbage + ".blob")).exists();

            served.storage
                    .pack(new PackRequest(last, PackRequest.Garbage.KEEP))
                    .toCompletableFuture()
                    .join();

            await().until(() -> !Files.exists(home(shared, 6).resolve("0x" + garbage + ".blob"))
                    && !Files.exists(home(shared, 5).resolve("0x" + old + ".blob")));
            assertThat(home(shared, 5).resolve("0x" + current + ".blob")).exists();
            assertThat(home(shared, 5).resolve("notes.txt")).exists();
        }
    }

    @Test
    void whatAnEarlierServerLeftInTheSharedFolderIsRemovedAndNothingElse() throws IOException {
        Path shared = folder.resolve("shared");
        Path home = Files.createDirectories(home(shared, 5));
        Path left = Files.write(home.resolve("server-" + NO_PROCESS + "-1a2b-34.tmp"), random(10));
        Path client = Files.write(home.resolve("'some'.tmp-"), random(10));
        Path mine = ProcessFiles.file(home, "server", ".tmp");
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(storage)
                        .withSharedBlobs(shared));
                Peer peer = Peer.registered(served.address)) {
            store(peer, 5, Tid.NONE, random(100));

            await().until(() -> !Files.exists(left));
            assertThat(client).exists();
            assertThat(mine).exists();
        }
    }

    @Test
    void theBlobsOfAClientsCommitAreNotLookedForOnceMore() throws IOException {
        AtomicInteger lookedFor = new AtomicInteger();
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(
                                Intercepted.storage(storage, (method, arguments, call) -> {
                                    lookedFor.addAndGet(method.equals("blob") ? 1 : 0);
                                    return call.go();
                                }))
                        .withSharedBlobs(folder.resolve("shared")));
                Peer peer = Peer.registered(served.address)) {
            peer.commit(1, Tid.NONE, new byte[] {1});
            store(peer, 2, Tid.NONE, random(100));
            // By another way.
            served.commit(3, Tid.NONE, new byte[] {1});

            await().untilAtomic(lookedFor, greaterThan(0));
            assertThat(lookedFor).hasValue(1);
        }
    }

    @Test
    void aClientThatGoesWhileItsBlobIsBeingKeptLeavesNothingInTheSharedFolder() throws IOException {
        Path shared = folder.resolve("shared");
        CountDownLatch keeping = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(
                        Intercepted.storage(storage, (method, arguments, call) -> {
                            Object answer = call.go();
                            return method.equals("begin") ? slow((StorageTransaction) answer, keeping, gate) : answer;
                        }))
                .withSharedBlobs(shared))) {
            try (Peer peer = Peer.registered(served.address)) {
                peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
                peer.oneWay("storeBlobStart");
                peer.oneWay("storeBlobChunk", random(100));
                peer.oneWay("storeBlobEnd", Ids.bytes(new Oid(5)), Ids.bytes(Tid.NONE), RECORD, 7L);
                peer.request("vote", 7L);
                await().until(() -> keeping.getCount() == 0);
            }
            try (Peer other = Peer.registered(served.address)) {
                await().until(() -> CommittingTest.status(other, "active_txns").equals(0L));
            }
            gate.countDown();
        } finally {
            gate.countDown();
        }
        try (Stream<Path> left = Files.walk(shared)) {
            assertThat(left.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactly(".layout");
        }
        assertThat(folder.resolve("spool")).isEmptyDirectory();
    }

    private static StorageTransaction slow(
            StorageTransaction transaction, CountDownLatch keeping, CountDownLatch gate) {
        return Intercepted.of(StorageTransaction.class, transaction, (method, arguments, call) -> {
            if (method.equals("storeBlob")) {
                keeping.countDown();
                gate.await();
            }
            return call.go();
        });
    }
}

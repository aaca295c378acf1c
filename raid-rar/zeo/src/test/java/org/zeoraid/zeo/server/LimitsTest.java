package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.server.Limits.Bytes;
import org.zeoraid.zeo.server.Limits.Counts;
import org.zeoraid.zeo.server.Limits.Times;

/** What clients that ask for too much, or are too slow, get. */
class LimitsTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir
    Path folder;

    private Served served;

    private void serve(UnaryOperator<Limits> limits) {
        serve(limits, options -> options);
    }

    private void serve(UnaryOperator<Limits> limits, UnaryOperator<ServerOptions.Builder> more) {
        served = new Served(folder, options -> more.apply(options.limits(limits.apply(Limits.DEFAULT))));
    }

    private static Limits bytes(Limits limits, int message, int queued, long held) {
        return limits.with(new Bytes(message, queued, held, limits.bytes().transaction()));
    }

    static Limits transactions(Limits limits, long bytes, int changes) {
        Bytes before = limits.bytes();
        Counts counts = limits.counts();
        return limits.with(new Bytes(before.message(), before.queued(), before.held(), bytes))
                .with(new Counts(counts.connections(), counts.iterators(), counts.blobs(), counts.requests(), changes));
    }

    private static Limits times(Limits limits, Duration toRegister, Duration silence, Duration patience) {
        return limits.with(
                new Times(toRegister, silence, patience, limits.times().slowest()));
    }

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void whoSendsALongerMessageIsDisconnectedBeforeItHasCome() throws IOException {
        serve(limits -> bytes(limits, 100_000, 1 << 20, 1 << 20));
        try (Peer peer = Peer.registered(served.address)) {
            peer.call("ping");
            peer.write(ByteBuffer.allocate(4).putInt(100_001).array());

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void beforeRegistrationMessagesAreShort() throws IOException {
        serve(limits -> limits);
        try (Peer peer = Peer.connect(served.address, 'M').shakeHands()) {
            peer.write(ByteBuffer.allocate(4).putInt(5_000).array());

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void unfinishedMessagesOfAllClientsTogetherAreBounded() throws IOException {
        serve(limits -> bytes(limits, 1 << 20, 1 << 20, 1_200_000));
        byte[] begun = ByteBuffer.allocate(700_000).putInt(1_000_000).putInt(0).array();
        try (Peer one = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            one.write(begun);
            await().until(() -> served.server.memory().held() > 600_000);

            assertThat(other.isDisconnectedFor(begun)).isTrue();
        }
        await().until(() -> served.server.memory().held() == 0);
        try (Peer third = Peer.registered(served.address)) {
            third.commit(1, Tid.NONE, new byte[500_000]);
        }
    }

    @Test
    void aConnectionHoldsNoMoreIteratorsThanAllowedAndFreesThem() throws IOException {
        serve(limits -> limits.with(new Counts(10, 3, 3, 100, 1000)));
        try (Peer peer = Peer.registered(served.address)) {
            for (long id = 0; id < 3; id++) {
                assertThat(peer.call("iterator_start", null, null)).isEqualTo(id);
            }
            assertThat(peer.error("iterator_start", null, null).get(0)).isEqualTo("ZODB.POSException.StorageError");

            peer.oneWay("iterator_gc", List.of(0L, 1L));

            assertThat(peer.call("iterator_start", null, null)).isEqualTo(3L);
        }
    }

    @Test
    void oneConnectionMoreThanAllowedIsClosed() throws IOException {
        serve(limits -> limits.with(new Counts(1, 10, 10, 10, 10)));
        try (Peer first = Peer.registered(served.address)) {
            try (Peer second = Peer.connect(served.address, 'M')) {
                assertThat(second.isDisconnected()).isTrue();
            }
            first.call("ping");
        }
    }

    @Test
    void whoDoesNotRegisterInTimeIsDisconnected() throws IOException {
        serve(limits -> times(limits, SHORT, LONG, LONG));
        try (Peer silent = Peer.connect(served.address, 'M');
                Peer shaken = Peer.connect(served.address, 'M').shakeHands()) {
            assertThat(silent.isDisconnected()).isTrue();
            assertThat(shaken.isDisconnected()).isTrue();
        }
    }

    @Test
    void whoIsSilentIsDisconnectedAndWhoSendsKeepAlivesIsNot() throws IOException {
        serve(limits -> times(limits, LONG, Duration.ofMillis(600), LONG));
        try (Peer silent = Peer.registered(served.address);
                Peer alive = Peer.registered(served.address)) {
            Thread beating = new Thread(() -> {
                try {
                    while (true) {
                        alive.send(new Message(-1L, 0, ".reply", null));
                    }
                } catch (IOException e) {
                    // The test is over.
                }
            });
            beating.start();

            assertThat(silent.isDisconnected()).isTrue();
            alive.call("ping");
        }
    }

    @Test
    void whoTricklesAMessageIsDisconnected() throws IOException {
        serve(limits -> times(limits, LONG, LONG, SHORT));
        try (Peer peer = Peer.registered(served.address)) {
            peer.write(new byte[] {0, 0, 1, 0, 1});

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void whoDoesNotReadIsDisconnectedAndHoldsUpNobody() throws IOException {
        serve(limits -> times(limits, LONG, LONG, Duration.ofSeconds(1)));
        try (Peer deaf = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            other.commit(1, Tid.NONE, new byte[1 << 20]);
            Thread asking = new Thread(() -> {
                try {
                    while (true) {
                        deaf.request("loadBefore", Ids.bytes(new Oid(1)), Ids.bytes(Tid.MAX));
                    }
                } catch (IOException disconnected) {
                    // As it should be.
                }
            });
            asking.start();

            for (int i = 0; i < 20; i++) {
                assertThat(other.load(1)).hasSize(3);
            }
            join(asking);
        }
    }

    @Test
    void changesWaitForNobodyWhoDoesNotRead() throws IOException {
        serve(limits -> times(bytes(limits, 64 << 20, 1 << 20, 64 << 20), LONG, LONG, LONG));
        try (Peer deaf = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            Tid last = Tid.NONE;
            // More than any system takes for a client before it reads.
            for (int i = 0;
                    i < 1000 && !CommittingTest.status(other, "connections").equals(1L);
                    i++) {
                StorageTransaction transaction = served.storage.begin(TransactionMeta.of("", ""));
                for (int oid = 0; oid < 20_000; oid++) {
                    transaction.store(new Oid(oid), last, new byte[1]);
                }
                transaction.vote().toCompletableFuture().join();
                last = transaction.finish().toCompletableFuture().join();
            }

            assertThat(CommittingTest.status(other, "connections")).isEqualTo(1L);
            assertThat(deaf.isDisconnected()).isTrue();
        }
    }

    @Test
    void whoDoesNotFinishInTimeIsDisconnectedAndItsLocksAreFree() throws IOException {
        serve(limits -> limits, options -> options.transactionTimeout(SHORT));
        try (Peer slow = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            slow.begin(1, Tid.NONE, new byte[1]);
            slow.call("vote", 7L);

            assertThat(slow.isDisconnected()).isTrue();
            other.commit(1, Tid.NONE, new byte[2]);
        }
    }

    @Test
    void whoLeavesAConflictUnresolvedIsDisconnectedToo() throws IOException {
        serve(limits -> limits, options -> options.transactionTimeout(SHORT));
        try (Peer slow = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            Tid first = other.commit(1, Tid.NONE, new byte[1]);
            Tid second = other.commit(1, first, new byte[2]);
            slow.begin(1, first, new byte[3]);
            assertThat((List<?>) slow.call("vote", 7L)).hasSize(1);

            assertThat(slow.isDisconnected()).isTrue();
            other.commit(1, second, new byte[4]);
        }
    }

    @Test
    void whoHasAConflictToResolveKeepsItsObjectsLocked() throws IOException {
        serve(limits -> limits);
        try (Peer peer = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            Tid first = other.commit(1, Tid.NONE, new byte[1]);
            other.commit(1, first, new byte[2]);
            peer.begin(1, first, new byte[3]);
            assertThat((List<?>) peer.call("vote", 7L)).hasSize(1);

            assertThat(CommittingTest.status(other, "lock_time")).isNotNull();
        }
    }

    @Test
    void howOftenAConflictIsVotedOnTheTimeIsCountedFromTheFirst() throws IOException {
        serve(limits -> limits, options -> options.transactionTimeout(SHORT));
        try (Peer slow = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            Tid first = other.commit(1, Tid.NONE, new byte[1]);
            other.commit(1, first, new byte[2]);
            slow.begin(1, first, new byte[3]);

            assertThat(isDisconnectedVoting(slow)).isTrue();
        }
    }

    private static boolean isDisconnectedVoting(Peer peer) {
        try {
            for (int i = 0; i < 500_000; i++) {
                peer.call("vote", 7L);
            }
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void transactionsOfAllClientsTogetherAreBounded() throws IOException {
        serve(limits -> bytes(limits, 1 << 20, 1 << 20, 500_000));
        try (Peer peer = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            store(peer, 0, 5);
            peer.call("ping");
            store(other, 5, 10);
            assertThat(other.error("vote", 7L).toString()).contains("quota", "all clients together");
            peer.call("vote", 7L);
            peer.call("tpc_finish", 7L);

            store(other, 5, 10);
            other.call("vote", 7L);
            other.call("tpc_finish", 7L);
            await().until(() -> served.server.memory().held() == 0);
        }
    }

    /** What has been read behind a vote that waits is held, and weighed; the rest is not read. */
    @Test
    void requestsBehindAVoteThatWaitsAreReadOnlyUpToABound() throws IOException {
        serve(limits -> limits.with(new Bytes(
                limits.bytes().message(),
                limits.bytes().queued(),
                40 << 20,
                limits.bytes().transaction())));
        try (Peer first = Peer.registered(served.address);
                Peer second = Peer.registered(served.address)) {
            first.begin(1, Tid.NONE, new byte[1]);
            first.call("vote", 7L);
            second.begin(1, Tid.NONE, new byte[1]);
            second.request("vote", 7L);
            second.request("tpc_abort", 7L);
            Thread sending = new Thread(() -> sendMuch(second, 60));
            sending.start();
            await().until(() -> served.server.memory().held() > 16 << 20);

            first.call("tpc_abort", 7L);

            second.replies(2);
            join(sending);
            assertThat(second.replies(second.request("vote", 7L)).flag()).isZero();
            second.call("tpc_finish", 7L);
        }
        await().until(() -> served.server.memory().held() == 0);
    }

    private static void sendMuch(Peer peer, int megabytes) {
        try {
            peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
            for (int oid = 0; oid < megabytes; oid++) {
                peer.oneWay("storea", Ids.bytes(new Oid(oid)), Ids.bytes(Tid.NONE), new byte[1 << 20], 7L);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void requestsOfAllClientsThatWaitAreBoundedTogether() throws IOException {
        serve(limits -> bytes(limits, 8 << 20, 8 << 20, 8 << 20));
        try (Peer first = Peer.registered(served.address)) {
            first.begin(1, Tid.NONE, new byte[1]);
            first.call("vote", 7L);
            try (Peer second = behind(first);
                    Peer third = behind(first)) {
                storeLarge(second);
                await().until(() -> served.server.memory().held() > 5 << 20);

                assertThat(isDisconnectedStoring(third)).isTrue();
            }
            await().until(() -> served.server.memory().held() == 0);
        }
    }

    private static void storeLarge(Peer peer) throws IOException {
        peer.oneWay("storea", Ids.bytes(new Oid(2)), Ids.bytes(Tid.NONE), new byte[5 << 20], 7L);
    }

    private static boolean isDisconnectedStoring(Peer peer) throws IOException {
        try {
            storeLarge(peer);
        } catch (SocketException e) {
            return true;
        }
        return peer.isDisconnected();
    }

    /** One whose vote waits for an object that another one has locked. */
    private Peer behind(Peer other) throws IOException {
        Peer peer = Peer.registered(served.address);
        peer.begin(1, Tid.NONE, new byte[1]);
        peer.request("vote", 7L);
        return peer;
    }

    private static void store(Peer peer, int from, int to) throws IOException {
        peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
        for (int oid = from; oid < to; oid++) {
            peer.oneWay("storea", Ids.bytes(new Oid(oid)), Ids.bytes(Tid.NONE), new byte[60_000], 7L);
        }
    }

    @Test
    void recordsThatIteratorsOfAllClientsHoldAreBounded() throws IOException {
        serve(limits -> bytes(limits, 8 << 20, 8 << 20, 3 << 20));
        try (Peer peer = Peer.registered(served.address)) {
            Tid tid = served.commit(1, Tid.NONE, new byte[1 << 20]);
            Object transactions = peer.call("iterator_start", null, null);
            peer.call("iterator_next", transactions);
            List<Object> open = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                open.add(peer.call("iterator_record_start", transactions, Ids.bytes(tid)));
                peer.call("iterator_record_next", open.get(i));
            }
            Object third = peer.call("iterator_record_start", transactions, Ids.bytes(tid));
            assertThat(peer.error("iterator_record_next", third).toString()).contains("all clients together");

            peer.oneWay("iterator_gc", open);
            Object fourth = peer.call("iterator_record_start", transactions, Ids.bytes(tid));
            assertThat((List<?>) peer.call("iterator_record_next", fourth)).hasSize(4);
        }
        await().until(() -> served.server.memory().held() == 0);
    }

    @Test
    void whatWaitsForAllClientsTogetherIsBoundedAndWhoeverHasMoreThanItsShareGoes() throws IOException {
        whoDoesNotReadGoes(8 << 20, 16 << 20);
    }

    @Test
    void whatClientsDoNotReadLeavesRoomForTheTransactionsOfOthers() throws IOException {
        // Less than all clients together may hold, and more than half of it.
        whoDoesNotReadGoes(40 << 20, 32 << 20);
    }

    /** @param bytes of the object that it asks for: more than any system takes for a client before it reads */
    private void whoDoesNotReadGoes(int held, int bytes) throws IOException {
        serve(limits -> times(bytes(limits, 64 << 20, 64 << 20, held), LONG, LONG, LONG));
        try (Peer deaf = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            served.commit(1, Tid.NONE, new byte[bytes]);
            deaf.request("loadBefore", Ids.bytes(new Oid(1)), Ids.bytes(Tid.MAX));

            await().until(() -> CommittingTest.status(other, "connections").equals(1L));
        }
        await().until(() -> served.server.memory().held() == 0);
    }

    @Test
    void aTransactionThatIsTooLargeFailsInItsVoteAndTheConnectionLives() throws IOException {
        serve(limits -> transactions(limits, 10_000, 3));
        try (Peer peer = Peer.registered(served.address)) {
            peer.begin(1, Tid.NONE, new byte[20_000]);
            assertThat(peer.error("vote", 7L).toString()).contains("quota", "10000 bytes");

            peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
            for (int oid = 0; oid < 4; oid++) {
                peer.oneWay("storea", Ids.bytes(new Oid(oid)), Ids.bytes(Tid.NONE), new byte[1], 7L);
            }
            assertThat(peer.error("vote", 7L).toString()).contains("quota", "3 changes");

            peer.commit(1, Tid.NONE, new byte[9_000]);
        }
    }

    @Test
    void aLargeTransactionIsSpilledAndCommitted() throws IOException {
        serve(limits -> limits);
        byte[] data = new byte[3 << 20];
        Arrays.fill(data, (byte) 5);
        try (Peer peer = Peer.registered(served.address)) {
            peer.commit(1, Tid.NONE, data);

            assertThat((byte[]) peer.load(1).get(0)).isEqualTo(data);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(30_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(thread.isAlive()).isFalse();
    }
}

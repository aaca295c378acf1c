package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** What clients that ask for too much, or are too slow, get. */
class LimitsTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    Path folder;

    private Served served;

    private void serve(UnaryOperator<Limits> limits) {
        serve(limits, options -> options);
    }

    private void serve(UnaryOperator<Limits> limits, UnaryOperator<ServerOptions> more) {
        served = new Served(folder, options -> more.apply(options.withLimits(limits.apply(Limits.DEFAULT))));
    }

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void whoSendsALongerMessageIsDisconnectedBeforeItHasCome() throws IOException {
        serve(limits -> limits.withBytes(100_000, 1 << 20, 1 << 20));
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
            peer.write(ByteBuffer.allocate(4).putInt(1 << 20).array());

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void unfinishedMessagesOfAllClientsTogetherAreBounded() throws IOException {
        serve(limits -> limits.withBytes(1 << 20, 1_200_000, 1 << 20));
        byte[] begun = ByteBuffer.allocate(700_000).putInt(1_000_000).putInt(0).array();
        try (Peer one = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            one.write(begun);
            await().until(() -> served.server.unfinishedBytes().get() > 600_000);

            assertThat(other.isDisconnectedFor(begun)).isTrue();
        }
        await().until(() -> served.server.unfinishedBytes().get() == 0);
        try (Peer third = Peer.registered(served.address)) {
            third.commit(1, Tid.NONE, new byte[500_000]);
        }
    }

    @Test
    void aConnectionHoldsNoMoreIteratorsThanAllowedAndFreesThem() throws IOException {
        serve(limits -> limits.withCounts(3, 3, 100));
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
        serve(limits -> limits.withConnections(1));
        try (Peer first = Peer.registered(served.address)) {
            try (Peer second = Peer.connect(served.address, 'M')) {
                assertThat(second.isDisconnected()).isTrue();
            }
            first.call("ping");
        }
    }

    @Test
    void whoDoesNotRegisterInTimeIsDisconnected() throws IOException {
        serve(limits -> limits.withTimes(SHORT, LONG, LONG));
        try (Peer silent = Peer.connect(served.address, 'M');
                Peer shaken = Peer.connect(served.address, 'M').shakeHands()) {
            assertThat(silent.isDisconnected()).isTrue();
            assertThat(shaken.isDisconnected()).isTrue();
        }
    }

    @Test
    void whoIsSilentIsDisconnectedAndWhoSendsKeepAlivesIsNot() throws IOException {
        serve(limits -> limits.withTimes(LONG, Duration.ofMillis(600), LONG));
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
        serve(limits -> limits.withTimes(LONG, LONG, SHORT));
        try (Peer peer = Peer.registered(served.address)) {
            peer.write(new byte[] {0, 0, 1, 0, 1});

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void whoDoesNotReadIsDisconnectedAndHoldsUpNobody() throws IOException {
        serve(limits -> limits.withTimes(LONG, LONG, Duration.ofSeconds(1)));
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
        serve(limits -> limits.withBytes(64 << 20, 1 << 20, 1 << 20).withTimes(LONG, LONG, LONG));
        try (Peer deaf = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            Tid last = Tid.NONE;
            for (int i = 0; i < 30; i++) {
                other.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
                for (int oid = 0; oid < 20_000; oid++) {
                    other.oneWay("storea", Ids.bytes(new Oid(oid)), Ids.bytes(last), new byte[1], 7L);
                }
                other.call("vote", 7L);
                last = new Tid(Ids.number((byte[]) other.call("tpc_finish", 7L)));
            }

            assertThat(deaf.isDisconnected()).isTrue();
        }
    }

    @Test
    void whoDoesNotFinishInTimeIsDisconnectedAndItsLocksAreFree() throws IOException {
        serve(limits -> limits, options -> options.withTransactionTimeout(SHORT));
        try (Peer slow = Peer.registered(served.address);
                Peer other = Peer.registered(served.address)) {
            slow.begin(1, Tid.NONE, new byte[1]);
            slow.call("vote", 7L);

            assertThat(slow.isDisconnected()).isTrue();
            other.commit(1, Tid.NONE, new byte[2]);
        }
    }

    @Test
    void aTransactionThatIsTooLargeFailsInItsVoteAndTheConnectionLives() throws IOException {
        serve(limits -> limits.withTransactions(10_000, 3));
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

package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;

/** What a client that was away is told. */
class RecentChangesTest {

    @TempDir
    Path folder;

    private static List<Tid> commits(Peer peer, int count) throws IOException {
        List<Tid> tids = new ArrayList<>();
        Tid last = Tid.NONE;
        for (int i = 0; i < count; i++) {
            last = peer.commit(i, Tid.NONE, new byte[] {1});
            tids.add(last);
        }
        return tids;
    }

    private static Object since(Peer peer, Tid tid) throws IOException {
        return peer.call("getInvalidations", Ids.bytes(tid));
    }

    private static void isTold(Object answer, Tid newest, long... oids) {
        List<?> pair = (List<?>) answer;
        assertThat((byte[]) pair.get(0)).isEqualTo(Ids.bytes(newest));
        List<byte[]> expected = new ArrayList<>();
        for (long oid : oids) {
            expected.add(Ids.bytes(new Oid(oid)));
        }
        assertThat((List<?>) pair.get(1)).hasSize(oids.length);
        for (int i = 0; i < oids.length; i++) {
            assertThat((byte[]) ((List<?>) pair.get(1)).get(i)).isEqualTo(expected.get(i));
        }
    }

    @Test
    void asFarAsTheQueueReachesItIsToldWhatChanged() throws IOException {
        try (Served served = new Served(folder, options -> options.invalidations(3, Duration.ZERO));
                Peer peer = Peer.registered(served.address)) {
            List<Tid> tids = commits(peer, 6);

            isTold(since(peer, tids.get(5)), tids.get(5));
            isTold(since(peer, tids.get(3)), tids.get(5), 4, 5);
            assertThat(since(peer, tids.get(2))).isNull();
            assertThat(since(peer, Tid.NONE)).isNull();
        }
    }

    @Test
    void aServerThatWasStartedAnewKnowsTheLastTransactionsOfTheStorage() throws IOException {
        try (Served served = new Served(folder, options -> options)) {
            List<Tid> tids;
            try (Peer peer = Peer.registered(served.address)) {
                tids = commits(peer, 6);
            }
            ServerOptions options = ServerOptions.builder(folder.resolve("second"))
                    .invalidations(3, Duration.ZERO)
                    .build();
            try (ZeoServer second =
                            new ZeoServer(Map.of("1", Offering.of(served.storage)), options, Clock.systemUTC());
                    Peer peer = Peer.registered(second.listen(Served.loopback()))) {

                isTold(since(peer, tids.get(3)), tids.get(5), 4, 5);
                assertThat(since(peer, tids.get(1))).isNull();

                Tid next = peer.commit(9, Tid.NONE, new byte[] {1});
                isTold(since(peer, tids.get(4)), next, 5, 9);
            }
        }
    }

    @Test
    void beyondTheQueueItIsReadFromTheStorageUpToAnAge() throws IOException {
        try (Served served = new Served(folder, options -> options.invalidations(2, Duration.ofHours(1)));
                Peer peer = Peer.registered(served.address)) {
            List<Tid> tids = commits(peer, 6);

            isTold(since(peer, tids.get(1)), tids.get(5), 2, 3, 4, 5);
            assertThat(since(peer, Tid.NONE)).isNull();
        }
    }

    @Test
    void afterCachesHadToBeDroppedNobodyKeepsOne() throws IOException {
        try (Served served = new Served(folder, options -> options.invalidations(100, Duration.ofHours(1)))) {
            Tid last;
            try (Peer admin = Peer.connect(served.address, 'M').shakeHands()) {
                admin.call("raid_register", "1");
                try (Peer peer = Peer.registered(served.address)) {
                    last = commits(peer, 3).get(2);
                    served.storage.dropCaches();
                    assertThat(peer.isDisconnected()).isTrue();
                }
                // It keeps none, and may wait for the answer to what has them dropped.
                admin.call("ping");
                admin.call("server_status");
            }
            try (Peer peer = Peer.connect(served.address, 'M').shakeHands()) {
                Tid now = new Tid(Ids.number((byte[]) peer.call("register", "1", false)));

                assertThat(now).isGreaterThan(last);
                assertThat(since(peer, last)).isNull();
            }
        }
    }
}

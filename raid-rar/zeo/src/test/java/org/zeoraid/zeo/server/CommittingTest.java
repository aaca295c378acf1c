package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** A client's transaction from begin to its end, whatever comes in between. */
class CommittingTest {

    @TempDir
    Path folder;

    /** Fails to begin transactions of one user, by an error of the program. */
    private static Storage failing(Storage storage) {
        return Intercepted.storage(storage, (method, arguments, call) -> {
            if (method.equals("begin")
                    && ((TransactionMeta) arguments[0]).userText().equals("nobody")) {
                throw new IllegalStateException("a transaction of nobody");
            }
            return call.go();
        });
    }

    @Test
    void whatFailsBehindAVoteThatWaitsIsAnsweredAndWhatFollowsKeepsItsOrder() throws IOException {
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(failing(storage)));
                Peer first = Peer.registered(served.address);
                Peer second = Peer.registered(served.address)) {
            first.begin(1, Tid.NONE, new byte[] {1});
            first.call("vote", 7L);
            second.begin(1, Tid.NONE, new byte[] {2});
            long vote = second.request("vote", 7L);
            long abort = second.request("tpc_abort", 7L);
            long begin = second.request("tpc_begin", 8L, "nobody".getBytes(), new byte[0], null, null, " ");
            long again = second.request("tpc_begin", 9L, new byte[0], new byte[0], null, null, " ");
            long other = second.request("vote", 9L);

            first.call("tpc_abort", 7L);

            assertThat(second.reply(vote).flag()).isZero();
            assertThat(second.reply(abort).flag()).isZero();
            assertThat(((List<?>) second.reply(begin).arguments()).toString()).contains("a transaction of nobody");
            assertThat(second.reply(again).flag()).isZero();
            assertThat(second.reply(other).flag()).isZero();
            second.call("tpc_abort", 9L);
            // As many requests as may be under way, and one more: none is counted that has ended.
            for (int i = 0; i < 1001; i++) {
                second.call("ping");
            }
        }
    }

    /** Larger than what is done at once, so that it is done aside, and everything of it in its order. */
    @Test
    void aTransactionOfManyChangesIsCommittedAsItWasSent() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
            for (int round = 0; round < 2; round++) {
                for (int oid = 0; oid < 3_000; oid++) {
                    byte[] data = {(byte) oid, (byte) round};
                    peer.oneWay("storea", Ids.bytes(new Oid(oid)), Ids.bytes(Tid.NONE), data, 7L);
                }
            }
            peer.request("vote", 7L);
            Message finished = peer.replies(peer.request("tpc_finish", 7L));

            assertThat(finished.flag()).isZero();
            for (int oid = 0; oid < 3_000; oid++) {
                assertThat((byte[]) peer.load(oid).get(0)).isEqualTo(new byte[] {(byte) oid, 1});
            }
        }
    }

    @Test
    void whatGoesWrongInALargeTransactionIsToldByItsVote() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            peer.commit(1, Tid.NONE, new byte[] {1});
            peer.begin(2, Tid.NONE, new byte[2 << 20]);
            peer.oneWay("checkCurrentSerialInTransaction", Ids.bytes(new Oid(1)), Ids.bytes(new Tid(1)), 7L);
            peer.oneWay("checkCurrentSerialInTransaction", Ids.bytes(new Oid(1)), Ids.bytes(new Tid(2)), 7L);

            assertThat(peer.error("vote", 7L).toString()).contains("cannot have been read");
            peer.commit(3, Tid.NONE, new byte[] {1});
        }
    }

    /** Sizes are told from what is known; a storage that has to ask elsewhere is not asked at each commit. */
    @Test
    void sizesOfAStorageThatAnswersLateAreTheLastKnownAndAreNotAskedForAtEachCommit() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<Void> gate = new CompletableFuture<>();
        try (Served served = new Served(
                        folder,
                        options -> options,
                        storage -> Offering.of(Intercepted.storage(storage, (method, arguments, call) -> {
                            if (!method.equals("stats")) {
                                return call.go();
                            }
                            asked.incrementAndGet();
                            CompletionStage<?> answer = (CompletionStage<?>) call.go();
                            return gate.thenCompose(open -> answer);
                        })));
                Peer peer = Peer.registered(served.address)) {
            peer.commit(1, Tid.NONE, new byte[] {1});
            gate.complete(null);
            for (int oid = 2; oid < 20; oid++) {
                peer.commit(oid, Tid.NONE, new byte[] {1});
            }

            assertThat(asked).hasValueLessThan(5);
            Message told = peer.called();
            assertThat(told.method()).isEqualTo("info");
            assertThat(((Map<?, ?>) ((List<?>) told.arguments()).get(0)).get("length"))
                    .isEqualTo(1L);
        }
    }

    @Test
    void allAreToldTheSizesAfterAPackWhoeverAskedForIt() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            served.storage
                    .pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP))
                    .toCompletableFuture()
                    .join();

            assertThat(peer.called().method()).isEqualTo("info");
        }
    }

    @Test
    void aTransactionWithoutChangesEndsNoEarlierThanWhatTheClientWasTold() throws IOException {
        try (Served served = new Served(folder, options -> options)) {
            served.storage.dropCaches();
            try (Peer peer = Peer.connect(served.address, 'M').shakeHands()) {
                Tid told = new Tid(Ids.number((byte[]) peer.call("register", "1", false)));
                peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
                peer.call("vote", 7L);

                assertThat(new Tid(Ids.number((byte[]) peer.call("tpc_finish", 7L))))
                        .isEqualTo(told);
                assertThat((byte[]) peer.call("lastTransaction")).isEqualTo(Ids.bytes(told));
            }
        }
    }

    @Test
    void whatIsBeingFinishedWhenItsClientGoesIsCommittedAndLeavesNothing() throws IOException {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        try (Served served = Served.over(
                folder,
                log -> Intercepted.of(TransactionLog.class, log, (method, arguments, call) -> {
                    Object answer = call.go();
                    return method.equals("append") ? gate.thenCompose(open -> (CompletionStage<?>) answer) : answer;
                }))) {
            try (Peer peer = Peer.registered(served.address)) {
                peer.begin(1, Tid.NONE, new byte[] {1});
                peer.call("vote", 7L);
                peer.request("tpc_finish", 7L);
                peer.call("ping");
            }
            try (Peer other = Peer.registered(served.address)) {
                await().until(() -> status(other, "connections").equals(1L));
                gate.complete(null);

                await().untilAsserted(
                                () -> assertThat(status(other, "active_txns")).isEqualTo(0L));
                assertThat((byte[]) other.load(1).get(0)).isEqualTo(new byte[] {1});
            }
        }
    }

    static Object status(Peer peer, String figure) throws IOException {
        return ((Map<?, ?>) peer.call("server_status")).get(figure);
    }
}

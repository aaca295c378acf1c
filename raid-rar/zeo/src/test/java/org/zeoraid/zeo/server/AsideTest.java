package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** Slow calls: others do not wait for them, and they themselves are carried out one after another. */
class AsideTest {

    private static final Object ALL = null;

    @TempDir
    Path folder;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicBoolean waiting = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Has its caller wait for the gate, in calls of one name, of its cursors and transactions too. */
    private Storage blocking(Storage storage, String name) {
        return Intercepted.storage(storage, (method, arguments, call) -> {
            if (method.equals(name)) {
                gate.await();
            }
            Object answer = call.go();
            if (answer instanceof Cursor<?> cursor) {
                return Intercepted.of(
                        Cursor.class, cursor, (of, more, next) -> blocked(of, method + "." + of, name, next));
            }
            if (answer instanceof StorageTransaction transaction) {
                return Intercepted.of(
                        StorageTransaction.class, transaction, (of, more, next) -> blocked(of, of, name, next));
            }
            return answer;
        });
    }

    private Object blocked(String method, String full, String name, Intercepted.Call call) throws Throwable {
        if (method.equals("close") && name.startsWith(full.replace("close", ""))) {
            closed.set(true);
        } else if (full.equals(name)) {
            waiting.set(true);
            gate.await();
        }
        return call.go();
    }

    private static long slow(Peer peer, String method) throws IOException {
        switch (method) {
            case "undoLog":
                return peer.request("undoLog", 0L, -20L);
            case "history":
                return peer.request("history", Ids.bytes(new Oid(1)), 100L);
            case "headers.next":
                return peer.request("iterator_next", peer.call("iterator_start", ALL, ALL));
            case "currentRecords.next":
                return peer.request("record_iternext", ALL);
            case "transactions.next":
                Object cursor = peer.call("zeoraid_open", "transactions", Ids.bytes(Tid.NONE), Ids.bytes(Tid.MAX));
                return peer.request("zeoraid_next", cursor, 1000L);
            case "serial":
                return peer.request("zeoraid_serials", List.of(Ids.bytes(new Oid(1))));
            default:
                peer.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
                peer.oneWay("storea", Ids.bytes(new Oid(2)), Ids.bytes(Tid.NONE), new byte[1 << 20], 7L);
                return peer.request("vote", 7L);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "undoLog",
                "history",
                "headers.next",
                "currentRecords.next",
                "transactions.next",
                "serial",
                "store",
                "vote"
            })
    void loadsDoNotWaitForASlowCall(String method) throws IOException {
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(blocking(storage, method)));
                Peer peer = Peer.registered(served.address)) {
            served.commit(1, Tid.NONE, new byte[] {1});
            long slow = slow(peer, method);

            assertThat((byte[]) peer.load(1).get(0)).isEqualTo(new byte[] {1});

            gate.countDown();
            assertThat(peer.reply(slow).flag()).isZero();
        } finally {
            gate.countDown();
        }
    }

    @Test
    void whatIsReadForAClientThatWasAwayHoldsUpNobodyNeitherAtTheStart() throws IOException {
        try (Served served = new Served(
                        folder,
                        options -> options.invalidations(1, Duration.ofHours(1)),
                        storage -> Offering.of(blocking(storage, "transactions.next")));
                Peer peer = Peer.registered(served.address)) {
            Tid first = served.commit(1, Tid.NONE, new byte[] {1});
            served.commit(2, Tid.NONE, new byte[] {1});
            served.commit(3, Tid.NONE, new byte[] {1});
            long away = peer.request("getInvalidations", Ids.bytes(first));

            assertThat((byte[]) peer.load(1).get(0)).isEqualTo(new byte[] {1});

            gate.countDown();
            assertThat((List<?>) ((List<?>) peer.reply(away).arguments()).get(1))
                    .hasSize(2);
        } finally {
            gate.countDown();
        }
    }

    @Test
    void cursorsAreClosedAfterACallThatIsUnderWayWhenTheClientGoes() throws IOException {
        try (Served served =
                new Served(folder, options -> options, storage -> Offering.of(blocking(storage, "headers.next")))) {
            try (Peer peer = Peer.registered(served.address)) {
                slow(peer, "headers.next");
                await().untilTrue(waiting);
            }
            try (Peer other = Peer.registered(served.address)) {
                await().until(() -> CommittingTest.status(other, "connections").equals(1L));
            }
            assertThat(closed).isFalse();

            gate.countDown();

            await().untilTrue(closed);
        } finally {
            gate.countDown();
        }
    }

    /** Answers late, and as a cursor's contract says stands no second question before. */
    private static <T> Cursor<T> lone(Cursor<T> cursor, CompletableFuture<Void> gate) {
        AtomicBoolean asked = new AtomicBoolean();
        return new Cursor<>() {
            @Override
            public CompletionStage<List<T>> next(long maxBytes) {
                if (!asked.compareAndSet(false, true)) {
                    return CompletableFuture.failedFuture(new ProtocolException("asked while it is being asked"));
                }
                return gate.thenCompose(open -> cursor.next(1)).whenComplete((batch, failure) -> asked.set(false));
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"iterator_next", "record_iternext", "zeoraid_next"})
    void aCursorIsAskedOneThingAtATimeHoweverManyRequestsAreUnderWay(String method) throws IOException {
        CompletableFuture<Void> open = new CompletableFuture<>();
        try (Served served = new Served(
                        folder,
                        options -> options,
                        storage -> Offering.of(Intercepted.storage(storage, (of, arguments, call) -> {
                            Object answer = call.go();
                            return answer instanceof Cursor<?> cursor ? lone(cursor, open) : answer;
                        })));
                Peer peer = Peer.registered(served.address)) {
            List<Tid> tids = new ArrayList<>();
            for (int oid = 1; oid <= 5; oid++) {
                tids.add(served.commit(oid, Tid.NONE, new byte[] {1}));
            }
            Object from =
                    switch (method) {
                        case "iterator_next" -> peer.call("iterator_start", ALL, ALL);
                        case "record_iternext" -> ALL;
                        default -> peer.call("zeoraid_open", "headers", Ids.bytes(Tid.NONE), Ids.bytes(Tid.MAX));
                    };
            List<Long> asked = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                asked.add(method.equals("zeoraid_next") ? peer.request(method, from, 1L) : peer.request(method, from));
            }
            peer.call("ping");
            open.complete(null);

            for (int i = 0; i < 5; i++) {
                Message reply = peer.reply(asked.get(i));
                assertThat(reply.flag()).as(String.valueOf(reply.arguments())).isZero();
                List<?> row = (List<?>) reply.arguments();
                byte[] tid = method.equals("zeoraid_next")
                        ? (byte[]) ((List<?>) row.get(0)).get(0)
                        : (byte[]) row.get(method.equals("iterator_next") ? 0 : 1);
                assertThat(new Tid(Ids.number(tid))).isEqualTo(tids.get(method.equals("record_iternext") ? 0 : i));
            }
        }
    }

    /** What Python knows and msgpack cannot carry. */
    @Test
    void whatCannotBeEncodedIsAnErrorAndTheClientStays() throws IOException {
        byte[] called = "\u0080\u0003}X\u0001\u0000\u0000\u0000acdatetime\ndate\nK\u0001\u0085Rs."
                .getBytes(StandardCharsets.ISO_8859_1);
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            StorageTransaction transaction =
                    served.storage.begin(new TransactionMeta(new byte[0], new byte[0], called));
            transaction.store(new Oid(1), Tid.NONE, new byte[] {1});
            transaction.vote().toCompletableFuture().join();
            transaction.finish().toCompletableFuture().join();
            Object iterator = peer.call("iterator_start", ALL, ALL);

            for (List<?> error : List.of(
                    peer.error("history", Ids.bytes(new Oid(1)), 1L),
                    peer.error("undoLog", 0L, -20L),
                    peer.error("iterator_next", iterator))) {
                assertThat(error.get(0)).isEqualTo("builtins.ValueError");
                assertThat(error.toString()).contains("Couldn't pickle response");
            }
            assertThat((byte[]) peer.load(1).get(0)).isEqualTo(new byte[] {1});
        }
    }

    /** Clients take the replies about one iterator as they come. */
    @Test
    void repliesComeInTheOrderOfTheCalls() throws IOException {
        try (Served served = new Served(folder, options -> options)) {
            served.commit(1, Tid.NONE, new byte[] {1});
            try (Peer peer = Peer.registered(served.address)) {
                List<Long> asked = new ArrayList<>();
                for (int i = 0; i < 20_000; i++) {
                    asked.add(peer.request("history", Ids.bytes(new Oid(1)), 1L));
                }

                for (Long id : asked) {
                    assertThat(peer.receive().id()).isEqualTo(id);
                }
            }
        }
    }

    /** Reads show a transaction a moment before its clients are told of it. */
    @ParameterizedTest
    @ValueSource(strings = {"getTid", "loadSerial", "history", "undoLog", "record_iternext"})
    void nothingIsShownThatTheClientIsToldOfLater(String method) throws Exception {
        CompletableFuture<Void> told = new CompletableFuture<>();
        try (Served served = new Served(
                        folder,
                        options -> options,
                        storage -> Offering.of(Intercepted.storage(
                                storage,
                                (of, arguments, call) -> of.equals("subscribe")
                                        ? storage.subscribe(late((Storage.InvalidationListener) arguments[0], told))
                                        : call.go())));
                Peer peer = Peer.registered(served.address);
                // Whatever becomes of the test, the server waits for it.
                AutoCloseable opened = () -> told.complete(null)) {
            assertThat(opened).isNotNull();
            CompletableFuture<Tid> committing =
                    CompletableFuture.supplyAsync(() -> served.commit(1, Tid.NONE, new byte[] {1}));
            await().until(() ->
                    !served.storage.lastTid().toCompletableFuture().join().equals(Tid.NONE));
            byte[] tid =
                    Ids.bytes(served.storage.lastTid().toCompletableFuture().join());
            byte[] oid = Ids.bytes(new Oid(1));
            long asked =
                    switch (method) {
                        case "getTid" -> peer.request(method, oid);
                        case "loadSerial" -> peer.request(method, oid, tid);
                        case "history" -> peer.request(method, oid, 1L);
                        case "undoLog" -> peer.request(method, 0L, -1L);
                        default -> peer.request(method, ALL);
                    };
            assertThat((byte[]) peer.call("lastTransaction")).isEqualTo(Ids.bytes(Tid.NONE));
            told.complete(null);

            assertThat(peer.receive().method()).isEqualTo("invalidateTransaction");
            assertThat(peer.reply(asked).flag()).isZero();
            committing.join();
        }
    }

    private static Storage.InvalidationListener late(
            Storage.InvalidationListener listener, CompletableFuture<Void> told) {
        return Intercepted.of(Storage.InvalidationListener.class, listener, (method, arguments, call) -> {
            if (method.equals("committed")) {
                told.join();
            }
            return call.go();
        });
    }
}

package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** What a client loads fits what it is told, also if the storage answers late. */
class LoadsTest {

    @TempDir
    Path folder;

    private final CompletableFuture<Void> gate = new CompletableFuture<>();

    /** Answers loads of object 1 at once, and has the client wait for it. */
    private Storage late(Storage storage) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    Object answer;
                    try {
                        answer = method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    return method.getName().equals("loadBefore") && arguments[0].equals(new Oid(1))
                            ? gate.thenCompose(open -> (CompletionStage<?>) answer)
                            : answer;
                });
    }

    @Test
    void aRevisionIsNotCalledCurrentAfterTheClientWasToldOfTheNext() throws IOException {
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(late(storage)));
                Peer writer = Peer.registered(served.address);
                Peer reader = Peer.registered(served.address)) {
            Tid first = writer.commit(1, Tid.NONE, new byte[] {1});
            assertThat(reader.called().method()).isEqualTo("invalidateTransaction");
            long load = reader.request("loadBefore", Ids.bytes(new Oid(1)), Ids.bytes(Tid.MAX));
            reader.call("ping");

            Tid second = writer.commit(1, first, new byte[] {2});
            Message told = reader.called();
            gate.complete(null);
            List<?> loaded = (List<?>) reader.reply(load).arguments();

            assertThat(told.method()).isEqualTo("invalidateTransaction");
            assertThat((byte[]) loaded.get(1)).isEqualTo(Ids.bytes(first));
            assertThat((byte[]) loaded.get(2)).isEqualTo(Ids.bytes(second));
        }
    }

    @Test
    void theSameHoldsForTheClientsOwnCommit() throws IOException {
        try (Served served = new Served(folder, options -> options, storage -> Offering.of(late(storage)));
                Peer peer = Peer.registered(served.address)) {
            Tid first = peer.commit(1, Tid.NONE, new byte[] {1});
            long load = peer.request("loadBefore", Ids.bytes(new Oid(1)), Ids.bytes(Tid.MAX));

            Tid second = peer.commit(1, first, new byte[] {2});
            gate.complete(null);
            List<?> loaded = (List<?>) peer.reply(load).arguments();

            assertThat((byte[]) loaded.get(2)).isEqualTo(Ids.bytes(second));
        }
    }

    @Test
    void whatIsCalledCurrentIsNotOutdatedByWhatTheClientWasToldBefore() throws Exception {
        try (Served served = new Served(folder, options -> options);
                Peer reader = Peer.registered(served.address)) {
            AtomicBoolean enough = new AtomicBoolean();
            Semaphore untold = new Semaphore(4);
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                Tid serial = Tid.NONE;
                while (!enough.get()) {
                    untold.acquireUninterruptibly();
                    StorageTransaction transaction = served.storage.begin(TransactionMeta.of("", ""));
                    transaction.store(new Oid(1), serial, new byte[] {1});
                    await(transaction.vote());
                    serial = await(transaction.finish());
                }
            });
            Message told = reader.receive();
            Tid last = toldTid(told);
            int loads = 0;
            for (int open = 0; loads < 20_000; ) {
                for (; open < 8; open++) {
                    reader.request("loadBefore", Ids.bytes(new Oid(1)), Ids.bytes(Tid.MAX));
                }
                Message message = reader.receive();
                if (message.method().equals("invalidateTransaction")) {
                    last = toldTid(message);
                    untold.release();
                } else if (message.isReply()) {
                    List<?> row = (List<?>) message.arguments();
                    Tid serial = id((byte[]) row.get(1));
                    assertThat(row.get(2) == null && last.isAfter(serial))
                            .as("%s is called current after %s was told", serial, last)
                            .isFalse();
                    assertThat(serial.isAfter(last))
                            .as("%s before it was told", serial)
                            .isFalse();
                    open--;
                    loads++;
                }
            }
            enough.set(true);
            untold.release();
            writing.get(10, TimeUnit.SECONDS);
        }
    }

    private static Tid id(byte[] bytes) {
        return new Tid(Ids.number(bytes));
    }

    private static Tid toldTid(Message invalidation) {
        return id((byte[]) ((List<?>) invalidation.arguments()).get(0));
    }

    @Test
    void loadsGoOnWhileAVoteWaitsForALock() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer first = Peer.registered(served.address);
                Peer second = Peer.registered(served.address)) {
            Tid tid = first.commit(1, Tid.NONE, new byte[] {1});
            first.begin(1, tid, new byte[] {2});
            first.call("vote", 7L);
            second.begin(1, tid, new byte[] {3});
            long vote = second.request("vote", 7L);

            assertThat((byte[]) second.load(1).get(0)).isEqualTo(new byte[] {1});

            first.call("tpc_abort", 7L);
            assertThat(second.reply(vote).flag()).isZero();
            second.call("tpc_finish", 7L);
        }
    }
}

package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/** What listeners are told, and when. */
interface InvalidationContract extends StorageHarness {

    /** What a listener was told. */
    record Told(Tid tid, Set<Oid> oids, StorageTransaction by, Tid lastTidThen) {}

    private Storage.InvalidationListener into(List<Told> told) {
        Storage storage = storage();
        return new Storage.InvalidationListener() {
            @Override
            public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
                Tid last = Steps.future(storage.lastTid()).getNow(Tid.NONE);
                told.add(new Told(tid, new HashSet<>(oids), by, last));
            }

            @Override
            public void dropCaches() {
                told.add(new Told(Tid.NONE, Set.of(), null, Tid.NONE));
            }
        };
    }

    @Test
    default void listenersAreToldOfEverythingThatAnAcknowledgedTransactionWrote() {
        List<Told> told = new CopyOnWriteArrayList<>();
        Tid before = store(storage(), oid(3), "three");
        storage().subscribe(into(told));
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        transaction.store(oid(1), Tid.NONE, bytes("one"));
        transaction.restore(new DataRecord(oid(2), new Content.Data(bytes("two"))));
        transaction.delete(oid(3), before);
        await(transaction.vote());
        assertThat(told).isEmpty();

        Tid tid = await(transaction.finish());

        assertThat(told).containsExactly(new Told(tid, Set.of(oid(1), oid(2), oid(3)), transaction, tid));
        Tid undone = Steps.undo(storage(), tid);
        assertThat(told.get(1).oids()).containsExactlyInAnyOrder(oid(1), oid(2), oid(3));
        assertThat(told.get(1).tid()).isEqualTo(undone);
    }

    @Test
    default void listenersAreNotToldOfWhatWasAborted() {
        List<Told> told = new CopyOnWriteArrayList<>();
        storage().subscribe(into(told));
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        transaction.store(oid(1), Tid.NONE, bytes("one"));
        await(transaction.vote());
        await(transaction.abort());

        assertThat(told).isEmpty();
    }

    @Test
    default void listenersAreToldOfAPackBeforeItsClientKnows() {
        AtomicInteger packs = new AtomicInteger();
        Tid tid = store(storage(), oid(1), "one");
        storage().subscribe(new Storage.InvalidationListener() {
            @Override
            public void committed(Tid changed, List<Oid> oids, StorageTransaction by) {}

            @Override
            public void dropCaches() {}

            @Override
            public void packed() {
                packs.incrementAndGet();
            }
        });

        await(storage().pack(new PackRequest(tid, PackRequest.Garbage.KEEP)));

        assertThat(packs).hasValue(1);
    }

    @Test
    default void aClosedSubscriptionIsToldNothing() {
        List<Told> told = new CopyOnWriteArrayList<>();
        List<Told> toldToo = new CopyOnWriteArrayList<>();
        Storage.Subscription subscription = storage().subscribe(into(told));
        storage().subscribe(into(toldToo));
        store(storage(), oid(1), "one");

        subscription.close();
        store(storage(), oid(1), "two");

        assertThat(told).hasSize(1);
        assertThat(toldToo).hasSize(2);
    }

    @Test
    default void aListenerThatFailsHarmsNobodyAndDropsItsCaches() {
        AtomicInteger drops = new AtomicInteger();
        List<Told> told = new CopyOnWriteArrayList<>();
        storage().subscribe(new Storage.InvalidationListener() {
            @Override
            public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
                throw new IllegalStateException("a listener that fails, on purpose");
            }

            @Override
            public void dropCaches() {
                drops.incrementAndGet();
            }
        });
        storage().subscribe(into(told));

        store(storage(), oid(1), "one");

        assertThat(told).hasSize(1);
        assertThat(drops).hasValue(1);
    }

    @Test
    default void listenersAreToldInTheOrderOfTheTidsBeforeTheClientKnows() throws Exception {
        List<Told> told = Collections.synchronizedList(new ArrayList<>());
        storage().subscribe(into(told));
        ExecutorService clients = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                Oid oid = oid(client);
                done.add(clients.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        Tid tid = store(storage(), oid, "change " + i);
                        synchronized (told) {
                            assertThat(told).anyMatch(one -> one.tid().equals(tid));
                        }
                    }
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            clients.shutdownNow();
        }

        assertThat(told).hasSize(200);
        assertThat(told).extracting(Told::tid).isSorted();
        assertThat(told).allMatch(one -> one.lastTidThen().equals(one.tid()));
        Tid last = commit(storage(), transaction -> transaction.store(oid(100), Tid.NONE, bytes("last")));
        assertThat(told.get(200).tid()).isEqualTo(last);
    }
}

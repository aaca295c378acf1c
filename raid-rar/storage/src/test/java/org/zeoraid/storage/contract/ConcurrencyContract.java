package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.current;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/** Many clients at once. */
interface ConcurrencyContract extends StorageHarness {

    int CLIENTS = 6;

    @Test
    default void noIncrementOfACounterIsLost() throws Exception {
        Storage storage = storage();
        Oid counter = oid(1);
        commit(storage, transaction -> transaction.store(counter, Tid.NONE, bytes("0")));
        int increments = 40;

        inParallel(CLIENTS, client -> {
            for (int i = 0; i < increments; i++) {
                untilCommitted(storage, transaction -> {
                    Revision revision = current(storage, counter);
                    long value = Long.parseLong(text(revision.data()));
                    transaction.store(counter, revision.serial(), bytes(String.valueOf(value + 1)));
                });
            }
            return client;
        });

        assertThat(text(current(reopen(), counter).data())).isEqualTo(String.valueOf(CLIENTS * increments));
    }

    @Test
    default void moneyMovesBetweenAccountsAndNoneIsMadeOrLost() throws Exception {
        Storage storage = storage();
        int accounts = 8;
        long each = 1_000;
        commit(storage, transaction -> {
            for (int i = 0; i < accounts; i++) {
                transaction.store(oid(i), Tid.NONE, bytes(String.valueOf(each)));
            }
        });
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService auditors = Executors.newSingleThreadExecutor();
        try {
            Future<?> audit = auditors.submit(() -> {
                while (!over.get()) {
                    // A snapshot: everything as of one tid.
                    Tid at = await(storage.lastTid()).after();
                    long sum = 0;
                    for (int i = 0; i < accounts; i++) {
                        sum += Long.parseLong(text(await(storage.loadBefore(oid(i), at))
                                .orElseThrow()
                                .data()));
                    }
                    assertThat(sum).isEqualTo(accounts * each);
                }
            });
            inParallel(CLIENTS, client -> {
                Random random = new Random(client);
                for (int i = 0; i < 60; i++) {
                    Oid from = oid(random.nextInt(accounts));
                    Oid to = new Oid((from.value() + 1 + random.nextInt(accounts - 1)) % accounts);
                    long amount = random.nextInt(100);
                    untilCommitted(storage, transaction -> {
                        move(storage, transaction, from, -amount);
                        move(storage, transaction, to, amount);
                    });
                }
                return client;
            });
            over.set(true);
            audit.get();
        } finally {
            over.set(true);
            auditors.shutdownNow();
        }

        Storage again = reopen();
        long sum = 0;
        for (int i = 0; i < accounts; i++) {
            sum += Long.parseLong(text(current(again, oid(i)).data()));
        }
        assertThat(sum).isEqualTo(accounts * each);
        assertThat(Steps.transactions(again)).hasSize(1 + CLIENTS * 60);
        assertThat(Steps.transactions(again))
                .extracting(CommittedTransaction::tid)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    default void clientsReadTheirOwnCommitsAtOnce() throws Exception {
        Storage storage = storage();

        inParallel(CLIENTS, client -> {
            Oid oid = oid(client);
            Tid serial = Tid.NONE;
            for (int i = 0; i < 50; i++) {
                Tid based = serial;
                String data = client + " " + i;
                serial = commit(storage, transaction -> transaction.store(oid, based, bytes(data)));
                Revision revision = current(storage, oid);
                assertThat(text(revision.data())).isEqualTo(data);
                assertThat(revision.serial()).isEqualTo(serial);
                assertThat(revision.end()).isEqualTo(Tid.MAX);
                assertThat(await(storage.lastTid())).isGreaterThanOrEqualTo(serial);
            }
            return client;
        });

        assertThat(Steps.transactions(storage)).hasSize(CLIENTS * 50);
    }

    private static void move(Storage storage, StorageTransaction transaction, Oid account, long amount) {
        Revision revision = current(storage, account);
        long balance = Long.parseLong(text(revision.data()));
        transaction.store(account, revision.serial(), bytes(String.valueOf(balance + amount)));
    }

    /** Does the work of a transaction again until it meets no conflict. */
    private static void untilCommitted(Storage storage, java.util.function.Consumer<StorageTransaction> work) {
        while (true) {
            StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
            try {
                Steps.complete(transaction, work);
                return;
            } catch (ConflictException e) {
                assertThat(e.conflicts())
                        .as("a conflict that names its objects, and no deadline")
                        .isNotEmpty();
            }
        }
    }

    /** What a client does. */
    interface Client<T> {
        T run(int number) throws Exception;
    }

    private static <T> void inParallel(int clients, Client<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Callable<T>> calls = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int number = i;
                calls.add(() -> work.run(number));
            }
            for (Future<T> done : threads.invokeAll(calls)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}

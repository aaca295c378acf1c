package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.RandomHistory;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/**
 * Clients increment counters over a log that succeeds, fails and doubts as the seed wants. In the end every
 * acknowledged increment is there, and every refused one is not; what was told to listeners is what the log holds.
 */
class CommitStreamSimulationTest {

    private static final int COUNTERS = 5;

    /** A transaction of a client, and how far it is. */
    private static final class Client {
        private final StorageTransaction transaction;
        private final String mark;
        private CompletionStage<List<Oid>> vote;
        private Optional<CompletionStage<Tid>> finish = Optional.empty();

        Client(StorageTransaction transaction, String mark) {
            this.transaction = transaction;
            this.mark = mark;
        }
    }

    /** One run. */
    private static final class Run {
        private final Random random;
        private final SimulatedEnvironment environment;
        private final ScriptedLog log = new ScriptedLog();
        private final TransactionalStorage storage;
        private final List<Client> clients = new ArrayList<>();
        private final List<Tid> told = new ArrayList<>();
        private final Map<String, String> outcomes = new HashMap<>();
        private int marks;
        private Tid lastSeen = Tid.NONE;

        Run(long seed) {
            random = new Random(seed);
            environment = new SimulatedEnvironment(seed);
            storage = new TransactionalStorage(
                    "main",
                    log,
                    environment,
                    CommitOptions.spillingTo(Path.of("/spill"))
                            .withSpillThreshold(30)
                            .withLockWait(Duration.ofSeconds(5)),
                    WriteGate.OPEN);
            storage.subscribe(new Storage.InvalidationListener() {
                @Override
                public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
                    told.add(tid);
                }

                @Override
                public void dropCaches() {
                    throw new AssertionError("nothing came another way");
                }
            });
            await(storage.lastTid());
            log.hold();
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> begin();
                case 3, 4, 5 -> goOn();
                case 6, 7, 8 -> answer();
                case 9 -> environment.advance(Duration.ofMillis(random.nextInt(2_000)));
                case 10 -> {
                    if (random.nextBoolean()) {
                        log.lastTidFailsWith(new StorageUnavailableException("not settled, on purpose"));
                    } else {
                        log.lastTidIsTold();
                    }
                }
                default -> {
                    if (random.nextInt(5) == 0) {
                        storage.resume(Tid.NONE);
                    }
                }
            }
            Tid last = await(storage.lastTid());
            assertThat(last).isGreaterThanOrEqualTo(lastSeen);
            lastSeen = last;
        }

        private void begin() {
            if (clients.size() >= 6) {
                return;
            }
            boolean own = random.nextInt(6) == 0;
            Tid ownTid = Tid.at(environment.clock().instant().plusMillis(random.nextInt(3_000)));
            StorageTransaction transaction = own
                    ? storage.begin(TransactionMeta.EMPTY, ownTid, TransactionStatus.COMMITTED)
                    : storage.begin(TransactionMeta.EMPTY);
            Client client = new Client(transaction, "mark " + marks++);
            transaction.store(new Oid(1_000 + marks), Tid.NONE, bytes(client.mark));
            for (int i = 0; i < 1 + random.nextInt(2); i++) {
                Oid counter = oid(random.nextInt(COUNTERS));
                if (transaction.written(counter).isEmpty()) {
                    long value = 0;
                    Tid based = Tid.NONE;
                    try {
                        var revision = Steps.current(storage, counter);
                        value = Long.parseLong(Steps.text(revision.data()));
                        based = revision.serial();
                    } catch (ObjectNotFoundException e) {
                        // The first to come creates it.
                    }
                    transaction.store(counter, based, bytes(String.valueOf(value + 1)));
                }
            }
            client.vote = transaction.vote();
            clients.add(client);
        }

        /** Takes one client a step further, if something was answered to it. */
        private void goOn() {
            if (clients.isEmpty()) {
                return;
            }
            Client client = clients.get(random.nextInt(clients.size()));
            try {
                if (client.finish.isPresent()) {
                    if (isDone(client.finish.get())) {
                        outcomes.put(client.mark, "at " + await(client.finish.get()));
                        clients.remove(client);
                    }
                } else if (isDone(client.vote)) {
                    await(client.vote);
                    if (random.nextInt(8) == 0) {
                        abort(client, "aborted");
                    } else {
                        client.finish = Optional.of(client.transaction.finish());
                    }
                } else if (random.nextInt(8) == 0) {
                    abort(client, "aborted");
                }
            } catch (OutcomeUnknownException e) {
                clients.remove(client);
                outcomes.put(client.mark, "unknown");
            } catch (ConflictException | StorageUnavailableException | DiskFullException | ProtocolException e) {
                abort(client, e.code());
            }
        }

        private void abort(Client client, String why) {
            await(client.transaction.abort());
            clients.remove(client);
            outcomes.put(client.mark, why);
        }

        private void answer() {
            if (log.underWay() == 0) {
                return;
            }
            if (!log.oldestIsThere()) {
                log.fail(new ProtocolException("one before it is missing"));
                return;
            }
            switch (random.nextInt(10)) {
                case 0 -> log.fail(new DiskFullException("no room, on purpose"));
                case 1 -> log.doubt(true);
                case 2 -> log.doubt(false);
                default -> log.succeed();
            }
        }

        void end() {
            log.lastTidIsTold();
            for (int i = 0; i < 10_000 && (!clients.isEmpty() || log.underWay() > 0); i++) {
                if (log.underWay() > 0) {
                    answer();
                }
                goOn();
                environment.advance(Duration.ofMillis(100));
            }
            assertThat(clients).isEmpty();
            await(storage.resume(Tid.NONE));
        }

        void check() {
            Map<String, Tid> there = new HashMap<>();
            Map<Oid, Integer> increments = new HashMap<>();
            List<Tid> tids = new ArrayList<>();
            for (CommittedTransaction transaction : Steps.transactions(log.memory)) {
                tids.add(transaction.tid());
                for (DataRecord entry : Steps.records(transaction)) {
                    String text = Steps.text(entry.data().orElseThrow());
                    if (text.startsWith("mark ")) {
                        there.put(text, transaction.tid());
                    } else {
                        // Each increment builds on the one before: none is lost.
                        assertThat(increments.merge(entry.oid(), 1, Integer::sum))
                                .isEqualTo(Integer.parseInt(text));
                    }
                }
            }
            outcomes.forEach((mark, outcome) -> {
                if (outcome.startsWith("at ")) {
                    assertThat(outcome).isEqualTo("at " + there.get(mark));
                } else if (!outcome.equals("unknown")) {
                    assertThat(there).as(mark + " " + outcome).doesNotContainKey(mark);
                }
            });
            assertThat(told).isEqualTo(tids);
            assertThat(await(storage.lastTid())).isEqualTo(tids.isEmpty() ? Tid.NONE : tids.get(tids.size() - 1));
            assertThat(storage.locks().size()).isZero();
        }
    }

    @Test
    void whateverTheLogDoesNothingAcknowledgedIsLostAndNothingRefusedIsThere() {
        long seed = RandomHistory.seed();
        int runs = Integer.getInteger("contract.runs", 300);
        Map<String, Integer> outcomes = new HashMap<>();
        for (int i = 0; i < runs; i++) {
            try {
                Run run = new Run(seed + i);
                for (int step = 0; step < 200; step++) {
                    run.step();
                }
                run.end();
                run.check();
                run.outcomes.values().forEach(outcome -> outcomes.merge(outcome.split(" ")[0], 1, Integer::sum));
                run.storage.close();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + i), e);
            }
        }
        // The simulation reaches what it is about.
        if (runs >= 100) {
            assertThat(outcomes)
                    .containsKeys("at", "unknown", "aborted", "conflict", "unavailable", "disk-full", "protocol");
        }
    }
}

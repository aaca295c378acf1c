package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.RandomHistory;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.Addresses;
import org.zeoraid.zeo.server.ServerOptions;

/** A member whose connection is bad: nothing is said to be done that is not, or not to be done that may be. */
@Timeout(180)
class BrokenWireTest {

    /** By so many bytes sessions differ in length: numbers grow, and a server is asked whether it is there. */
    private static final int ABOUT = 10;

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment("client");
    private ServedMember served;

    @BeforeEach
    void serve() {
        served = new ServedMember(MemoryMember.named("below"), folder, ServerOptions.defaults(folder));
    }

    @AfterEach
    void stop() {
        served.close();
        environment.close();
    }

    @Test
    void aHistoryGoesThroughOneByteAtATime() throws Exception {
        List<CommittedTransaction> history = RandomHistory.of(RandomHistory.seed(), 20);
        try (Wire wire = new Wire(served.address(), 1);
                TransactionLog log = await(member(wire, "zeoraid a").open())) {
            Tid last = Tid.NONE;
            for (CommittedTransaction transaction : history) {
                await(log.append(last, transaction));
                last = transaction.tid();
            }
            await(log.append(last, withBlob(last.after(), 70_000)));

            assertThat(Steps.all(log.digests(Tid.NONE, last), 1_000))
                    .isEqualTo(history.stream().map(TransactionDigest::of).toList());
            assertThat(Steps.content(await(log.blob(oid(9), last.after())))).hasSize(70_000);
        }
    }

    @Test
    void aSessionThatIsCutAnywhereTellsTheTruthToAServerOfOurOwn() throws Exception {
        cutEverywhere("zeoraid a");
    }

    @Test
    void aSessionThatIsCutAnywhereTellsTheTruthToAPythonServer() throws Exception {
        cutEverywhere("somebody");
    }

    /** What is read from a member of a server of our own, and of one that knows ZEO's calls alone. */
    @ParameterizedTest
    @ValueSource(strings = {"zeoraid a", "somebody"})
    void aReadThatIsCutAnywhereIsWholeOrAnError(String label) throws Exception {
        Tid first = Tid.next(Tid.NONE, Instant.now());
        await(served.storage().append(Tid.NONE, List.of(transaction(first, 0), transaction(first.after(), 1))));
        try (Wire wire = new Wire(served.address(), 4096)) {
            wire.cut(Wire.Direction.TO_CLIENT, Integer.MAX_VALUE);
            String all = read(wire, label);
            assertThat(all).contains(first.toString(), first.after().toString());
            int whole = wire.passed(Wire.Direction.TO_CLIENT);
            Set<String> answers = new TreeSet<>();
            for (int bytes = 1; bytes < whole + ABOUT; bytes++) {
                wire.cut(Wire.Direction.TO_CLIENT, bytes);
                answers.add(read(wire, label));
            }
            assertThat(answers).containsExactlyInAnyOrder(all, "no answer");
        }
    }

    private String read(Wire wire, String label) {
        try (TransactionLog log = await(member(wire, label).open())) {
            String digests = Steps.all(log.digests(Tid.NONE, Tid.MAX), 1000).toString();
            return digests + await(log.history(oid(1), 10));
        } catch (StorageUnavailableException e) {
            return "no answer";
        }
    }

    private void cutEverywhere(String label) throws Exception {
        try (Wire wire = new Wire(served.address(), 4096)) {
            for (Wire.Direction direction : Wire.Direction.values()) {
                wire.cut(direction, Integer.MAX_VALUE);
                assertThat(session(wire, label)).isEqualTo("done done done ");
                int whole = wire.passed(direction);
                Set<String> outcomes = new TreeSet<>();
                for (int bytes = 1; bytes < whole + ABOUT; bytes++) {
                    wire.cut(direction, bytes);
                    outcomes.add(session(wire, label));
                }
                // Those that were cut early, within what was sent, and after it.
                assertThat(outcomes).hasSizeGreaterThan(direction == Wire.Direction.TO_SERVER ? 2 : 1);
            }
        }
    }

    /** Two transactions and one with a blob; what is told of each is compared with what the server holds in the end. */
    private String session(Wire wire, String label) throws Exception {
        Tid last = await(served.storage().lastTid());
        List<CommittedTransaction> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Tid before = i == 0 ? last : sent.get(i - 1).tid();
            Tid tid = Tid.next(before, Instant.now());
            sent.add(i == 2 ? withBlob(tid, 100) : transaction(tid, i));
        }
        List<CompletableFuture<Void>> told = new ArrayList<>();
        try (TransactionLog log = await(member(wire, label).open())) {
            Tid before = last;
            for (CommittedTransaction transaction : sent) {
                told.add(log.append(before, transaction).toCompletableFuture());
                before = transaction.tid();
            }
            told.forEach(one -> one.handle((done, failure) -> null).join());
        } catch (StorageUnavailableException e) {
            assertThat(told).isEmpty();
        }
        wire.awaitServer();
        Set<Tid> there = Steps.all(served.storage().headers(last.after(), Tid.MAX), 1_000_000).stream()
                .map(TransactionHeader::tid)
                .collect(Collectors.toSet());
        StringBuilder outcome = new StringBuilder();
        for (int i = 0; i < told.size(); i++) {
            String word = outcome(told.get(i));
            outcome.append(word).append(' ');
            boolean isThere = there.contains(sent.get(i).tid());
            if (!word.equals("unknown")) {
                assertThat(isThere).as(outcome.toString()).isEqualTo(word.equals("done"));
            }
        }
        return outcome.toString();
    }

    private static String outcome(CompletableFuture<Void> told) {
        try {
            await(told);
            return "done";
        } catch (OutcomeUnknownException e) {
            return "unknown";
        } catch (StorageException e) {
            return "not";
        }
    }

    @Test
    void aServerThatFallsSilentIsGivenUpAndWhatWasSentIsUnknown() throws Exception {
        try (Wire wire = new Wire(served.address(), 4096)) {
            ZeoOptions options = ZeoOptions.of("a", ServedMember.NAME, wire.address())
                    .withPeerTimeout(Duration.ofMillis(500))
                    .withWaitTimeout(Duration.ofMillis(500));
            ZeoMember member = new ZeoMember(options, environment);
            TransactionLog log = await(member.open());
            wire.fallSilent();

            Steps.failure(
                    OutcomeUnknownException.class,
                    log.append(Tid.NONE, transaction(Tid.next(Tid.NONE, Instant.now()), 1)));
            Steps.failure(StorageUnavailableException.class, log.lastTid());
            log.close();
            Steps.failure(StorageUnavailableException.class, member.open());
        }
    }

    @Test
    void theNextAddressIsTriedAndAllFailuresAreTold() throws Exception {
        Wire gone = new Wire(served.address(), 4096);
        gone.close();
        ZeoOptions both = ZeoOptions.of("a", ServedMember.NAME, gone.address(), served.address());

        try (TransactionLog log = await(new ZeoMember(both, environment).open())) {
            assertThat(await(log.lastTid())).isEqualTo(Tid.NONE);
        }

        ZeoOptions none = ZeoOptions.of("a", ServedMember.NAME, gone.address(), gone.address());
        assertThat(Steps.failure(StorageUnavailableException.class, new ZeoMember(none, environment).open()))
                .hasMessageContaining("cannot connect to " + Addresses.shown(gone.address()))
                .hasMessageContaining("; ");
    }

    private ZeoMember member(Wire wire, String label) {
        return new ZeoMember(ZeoOptions.of("a", ServedMember.NAME, wire.address()), environment, label);
    }

    private static CommittedTransaction transaction(Tid tid, int number) {
        return of(tid, new DataRecord(oid(number), new Content.Data(new byte[] {(byte) number, 1})));
    }

    private static CommittedTransaction withBlob(Tid tid, int bytes) {
        return of(
                tid,
                new DataRecord(oid(9), new Content.Data(Steps.blobRecord()), Optional.of(Steps.blob(new byte[bytes]))));
    }

    private static CommittedTransaction of(Tid tid, DataRecord entry) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.of("tester", "a change"), 0),
                List.of(entry));
    }
}

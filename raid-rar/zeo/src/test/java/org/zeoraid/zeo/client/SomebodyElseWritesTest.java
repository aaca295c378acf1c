package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.python.PythonServer;

/** A Python server takes any transaction, also one that it has; only what it tells others shows that it did. */
class SomebodyElseWritesTest {

    private static final Tid FIRST = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));
    private static final Tid SECOND = FIRST.after();

    private final SystemEnvironment environment = new SystemEnvironment("client");
    private ScriptedServer server;
    private TransactionLog log;
    private Tid toldBeforeFinish = Tid.NONE;

    @BeforeEach
    void connect() throws Exception {
        server = new ScriptedServer('M', this::answer);
        log = await(new ZeoMember(ZeoOptions.of("a", "1", server.address()), environment).open());
    }

    @AfterEach
    void disconnect() throws Exception {
        log.close();
        server.close();
        environment.close();
    }

    private Object answer(Message request) {
        switch (request.method()) {
            case "register", "lastTransaction" -> {
                return Ids.bytes(Tid.NONE);
            }
            case "vote" -> {
                return List.of();
            }
            case "tpc_finish" -> {
                if (!toldBeforeFinish.equals(Tid.NONE)) {
                    tell(toldBeforeFinish);
                }
                return Ids.bytes(new Tid((Long) ((List<?>) request.arguments()).get(0)));
            }
            default -> {
                return null;
            }
        }
    }

    private void tell(Tid tid) {
        server.tell(Message.oneWay("invalidateTransaction", Ids.bytes(tid), List.of()));
    }

    @Test
    void whatAnotherMemberHasWrittenToTheSameStorageIsNotAcknowledgedASecondTime() {
        toldBeforeFinish = FIRST;

        assertThat(failure(ProtocolException.class, log.append(Tid.NONE, transaction(FIRST))))
                .hasMessageContaining("two members of the array are the same storage");
        failure(ProtocolException.class, log.append(FIRST, transaction(SECOND)));
    }

    @Test
    void whatAnotherMemberWritesOnceMoreStopsTheNextTransactionWhateverIsAskedInBetween() {
        await(log.append(Tid.NONE, transaction(FIRST)));
        tell(FIRST);
        await(log.lastTid());

        assertThat(failure(ProtocolException.class, log.append(FIRST, transaction(SECOND))))
                .hasMessageContaining("two members of the array are the same storage");
    }

    @Test
    void anEarlierTransactionOfSomebodyElseStopsTheNextOne() {
        await(log.append(Tid.NONE, transaction(SECOND)));
        tell(FIRST);
        await(log.lastTid());

        assertThat(failure(ProtocolException.class, log.append(SECOND, transaction(SECOND.after()))))
                .hasMessageContaining("somebody else wrote transaction " + FIRST);
    }

    @Test
    void anotherTransactionWhileOneIsWrittenStopsTheNextOne() {
        toldBeforeFinish = SECOND;

        await(log.append(Tid.NONE, transaction(FIRST)));
        await(log.lastTid());

        assertThat(failure(ProtocolException.class, log.append(FIRST, transaction(SECOND.after()))))
                .hasMessageContaining("somebody else wrote transaction " + SECOND);
    }

    @RepeatedTest(50)
    void ofTwoMembersThatAreOneServerOneAloneCommits() {
        try (PythonServer python = new PythonServer('M');
                TransactionLog one = open("one", python);
                TransactionLog two = open("two", python)) {
            List<CompletableFuture<Void>> both = Stream.of(one, two)
                    .map(each -> each.append(Tid.NONE, transaction(FIRST)).toCompletableFuture())
                    .toList();

            long acknowledged = both.stream()
                    .filter(each ->
                            each.handle((done, failure) -> failure == null).join())
                    .count();

            assertThat(acknowledged).isEqualTo(1);
            TransactionLog loser = both.get(0).isCompletedExceptionally() ? one : two;
            failure(ProtocolException.class, loser.append(Tid.NONE, transaction(SECOND)));
        }
    }

    private TransactionLog open(String name, PythonServer python) {
        return await(new ZeoMember(ZeoOptions.of(name, "1", python.address()), environment).open());
    }

    private static CommittedTransaction transaction(Tid tid) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(new DataRecord(oid(1), new Content.Data(new byte[] {1}))));
    }
}

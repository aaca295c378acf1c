package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.python.PythonServer;

/** A member whose server has Python's manners, with pickles. */
class PythonLogContractTest extends PlainZeoLogContract {

    private final SystemEnvironment environment = new SystemEnvironment("client");
    private final PythonServer server = new PythonServer('Z');

    @Override
    protected MemberSource member(Path folder) {
        return new ZeoMember(
                ZeoOptions.of("a", "1", server.address()).withPackGarbage(ZeoOptions.PackGarbage.KEEP), environment);
    }

    /** What can be told of it: of a transaction of which nothing is kept nobody knows that it was packed. */
    @Override
    @Test
    public void aPackUpToTheEndIsRememberedEvenIfNothingOfTheLastTransactionIsKept() {
        Tid first = Tid.at(Instant.parse("2020-02-02T20:20:20Z"));
        Tid last = first.after();
        Steps.await(log().append(Tid.NONE, transaction(first, new Content.Data(Steps.bytes("one")), 1, 2)));
        Steps.await(log().append(first, transaction(last, Content.ABSENT, 1)));

        Steps.await(log().pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));

        assertThat(Steps.await(log().packedTo())).isEqualTo(first);
        assertThat(Steps.await(log().lastTid())).isEqualTo(last);
        assertThat(Steps.currentText(log(), Steps.oid(2))).isEqualTo("one");
    }

    private static CommittedTransaction transaction(Tid tid, Content content, int... oids) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                Arrays.stream(oids)
                        .mapToObj(oid -> new DataRecord(Steps.oid(oid), content))
                        .toList());
    }

    @AfterEach
    void close() {
        server.close();
        environment.close();
    }
}

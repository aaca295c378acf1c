package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.contract.TransactionLogContract;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.PickleWriter;
import org.zeoraid.zeo.server.ServerOptions;
import org.zeoraid.zeo.server.ServerOptions.Encoding;

/** A member that uses nothing but ZEO's own calls, as with a Python server, and pickles. */
class PlainZeoLogContractTest extends TransactionLogContract {

    private static final int TESTS = 45;
    private static ServedMember served;
    private static int next;

    @TempDir
    static Path serverFolder;

    private boolean packs = true;
    private final SystemEnvironment environment = new SystemEnvironment("client");

    @BeforeAll
    static void serve() {
        Map<String, MemberSource> members = new HashMap<>();
        for (int i = 0; i < TESTS; i++) {
            members.put("storage" + i, MemoryMember.named("below" + i));
        }
        ServerOptions options = ServerOptions.defaults(serverFolder)
                .withEncoding(Encoding.PICKLE)
                .withPackGarbage(Garbage.KEEP);
        served = new ServedMember(members, serverFolder, options);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Override
    protected MemberSource member(Path folder) {
        ZeoOptions options =
                ZeoOptions.of("a", "storage" + next++, served.address()).withPackGarbage(ZeoOptions.PackGarbage.KEEP);
        return new ZeoMember(options, environment, "somebody");
    }

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }

    @Override
    public boolean canBeCut() {
        return false;
    }

    /** Extension data has to be a pickled dictionary here, as it is sent as one. */
    @Override
    @Test
    public void metadataStatusAndEmptyTransactionsAreKept() {
        TransactionMeta meta = new TransactionMeta(
                Steps.bytes("Jürgen"), Steps.bytes(""), PickleWriter.pickle(Map.of("path", "/a", "size", 7L)));
        TransactionHeader header =
                new TransactionHeader(Tid.at(Instant.parse("2020-02-02T20:20:20Z")), TransactionStatus.PACKED, meta, 0);
        Steps.await(log().append(Tid.NONE, CommittedTransaction.of(header, List.of())));

        CommittedTransaction kept = Steps.transactions(reopen()).get(0);

        assertThat(kept.header().status()).isEqualTo(TransactionStatus.PACKED);
        assertThat(kept.header().meta().user()).isEqualTo(meta.user());
        assertThat(Values.extension(kept.header().meta())).isEqualTo(Values.extension(meta));
        assertThat(kept.recordCount()).isZero();
    }

    /** The largest oid is found by asking for the next one, which is then used up. */
    @Override
    @Test
    public void sizesAndCountsAreTold() {
        Tid tid = Tid.at(Instant.parse("2020-02-02T20:20:20Z"));
        DataRecord entry = new DataRecord(Steps.oid(700), new Content.Data(new byte[5_000]));
        TransactionHeader header = new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0);
        Steps.await(log().append(Tid.NONE, CommittedTransaction.of(header, List.of(entry))));

        var stats = Steps.await(log().stats());

        assertThat(stats.objects()).isEqualTo(1);
        assertThat(stats.bytes()).isGreaterThanOrEqualTo(5_000);
        assertThat(stats.largestOid()).isEqualTo(Steps.oid(700));
        assertThat(Steps.await(reopen().stats()).largestOid()).isGreaterThanOrEqualTo(Steps.oid(700));
    }

    @Override
    public boolean hasPack() {
        return packs;
    }

    /** Without its pack: the seconds that ZEO's call takes cannot tell transactions apart that follow at once. */
    @Override
    @Test
    public void aHistoryIsAnsweredAsTheModelAnswersIt() {
        packs = false;
        super.aHistoryIsAnsweredAsTheModelAnswersIt();
    }
}

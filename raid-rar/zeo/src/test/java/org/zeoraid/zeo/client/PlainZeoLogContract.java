package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.contract.TransactionLogContract;
import org.zeoraid.zeo.codec.PickleWriter;

/** What a member does that uses nothing but ZEO's own calls. */
abstract class PlainZeoLogContract extends TransactionLogContract {

    private boolean packs = true;

    @Override
    public boolean canBeCut() {
        return false;
    }

    /** A Python server would take too long to find what they point at. */
    @Override
    public boolean keepsLinks() {
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

    /** The largest oid is found by asking for the next one, which may lie far behind it and is then used up. */
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
        assertThat(stats.largestOid()).isGreaterThanOrEqualTo(Steps.oid(700));
        assertThat(Steps.await(reopen().stats()).largestOid()).isGreaterThanOrEqualTo(Steps.oid(700));
    }

    @Override
    public boolean hasPack() {
        return packs;
    }

    /** ZEO's call names a time, and the server goes by its own rules. */
    @Override
    public boolean tellsPackDecisions() {
        return false;
    }

    /** Without its pack: the seconds that ZEO's call takes cannot tell transactions apart that follow at once. */
    @Override
    @Test
    public void aHistoryIsAnsweredAsTheModelAnswersIt() {
        packs = false;
        super.aHistoryIsAnsweredAsTheModelAnswersIt();
    }
}

package org.zeoraid.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransactionDigestTest {

    private static final DataRecord ONE = data(1, "one");
    private static final DataRecord TWO = data(2, "two");

    private static DataRecord data(long oid, String text) {
        return new DataRecord(new Oid(oid), new Content.Data(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static CommittedTransaction transaction(
            long tid, TransactionStatus status, TransactionMeta meta, DataRecord... records) {
        return CommittedTransaction.of(new TransactionHeader(new Tid(tid), status, meta, 0), List.of(records));
    }

    private static TransactionDigest digest(DataRecord... records) {
        return TransactionDigest.of(
                transaction(7, TransactionStatus.COMMITTED, TransactionMeta.of("user", "why"), records));
    }

    @Test
    void whatAPackOrAnotherKindMayChangeDoesNotMatter() {
        TransactionDigest expected = digest(ONE, TWO);

        assertThat(digest(TWO, ONE)).isEqualTo(expected).hasSameHashCodeAs(expected);
        assertThat(TransactionDigest.of(
                        transaction(7, TransactionStatus.PACKED, TransactionMeta.of("user", "why"), ONE, TWO)))
                .isEqualTo(expected);
        assertThat(digest(
                        new DataRecord(
                                new Oid(1),
                                new Content.Link(new Tid(3), ONE.data().orElseThrow())),
                        TWO))
                .isEqualTo(expected);
    }

    @Test
    void ofExtensionDataItCountsWhatItSays() {
        byte[] withMemo = HexFormat.of().parseHex("7d710055016171014b0173" + "2e");
        byte[] without = HexFormat.of().parseHex("80037d2843016" + "14b01752e");
        byte[] another = HexFormat.of().parseHex("80037d2843016" + "14b02752e");

        assertThat(extended(withMemo)).isEqualTo(extended(without)).isNotEqualTo(extended(another));
        assertThat(extended(HexFormat.of().parseHex("80037d2e"))).isEqualTo(extended(new byte[0]));
        assertThat(meta(withMemo)).isNotEqualTo(meta(without));
        assertThat(meta(withMemo).isLike(meta(without))).isTrue();
        assertThat(meta(withMemo).isLike(meta(another))).isFalse();
        assertThat(meta(without).isLike(TransactionMeta.of("user", "why"))).isFalse();
    }

    private static TransactionMeta meta(byte[] extension) {
        TransactionMeta meta = TransactionMeta.of("user", "why");
        return new TransactionMeta(meta.user(), meta.description(), extension);
    }

    private static TransactionDigest extended(byte[] extension) {
        return TransactionDigest.of(transaction(7, TransactionStatus.COMMITTED, meta(extension), ONE, TWO));
    }

    @Test
    void everythingElseMatters() {
        TransactionMeta meta = TransactionMeta.of("user", "why");
        List<TransactionDigest> all = new ArrayList<>(List.of(
                digest(ONE, TWO),
                digest(ONE),
                digest(),
                digest(ONE, data(2, "twO")),
                digest(ONE, data(3, "two")),
                digest(ONE, new DataRecord(new Oid(2), Content.ABSENT)),
                digest(ONE, data(2, "")),
                TransactionDigest.of(transaction(8, TransactionStatus.COMMITTED, meta, ONE, TWO)),
                TransactionDigest.of(
                        transaction(7, TransactionStatus.COMMITTED, TransactionMeta.of("userw", "hy"), ONE, TWO)),
                TransactionDigest.of(transaction(
                        7,
                        TransactionStatus.COMMITTED,
                        new TransactionMeta(meta.user(), meta.description(), new byte[] {1}),
                        ONE,
                        TWO))));

        assertThat(all).doesNotHaveDuplicates();
        assertThat(all.stream().map(digest -> Arrays.toString(digest.bytes())).distinct())
                .hasSize(all.size());
        assertThat(all).allMatch(digest -> digest.bytes().length == 32);
        assertThat(Collections.frequency(all, digest(ONE, TWO))).isEqualTo(1);
    }

    @Test
    void aDataRecordKnowsItsData() {
        CommittedTransaction transaction = transaction(
                7,
                TransactionStatus.COMMITTED,
                TransactionMeta.EMPTY,
                ONE,
                new DataRecord(new Oid(2), Content.ABSENT),
                new DataRecord(new Oid(3), new Content.Link(new Tid(1), new byte[4])));

        assertThat(transaction.dataBytes()).isEqualTo(7);
        assertThat(transaction.recordCount()).isEqualTo(3);
        assertThat(ONE.data()).isPresent();
        assertThat(new DataRecord(new Oid(2), Content.ABSENT).data()).isEmpty();
    }
}

package org.zeoraid.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Oids, metadata, contents, conflicts. */
class ValuesTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void oidsAreUnsignedAndReadable() {
        assertThat(Oid.ROOT).hasToString("0000000000000000");
        assertThat(Oid.MAX).hasToString("ffffffffffffffff");
        assertThat(Oid.parse("8000000000000000")).isGreaterThan(Oid.parse("7fffffffffffffff"));
        assertThat(Oid.parse("7fffffffffffffff").next()).isEqualTo(Oid.parse("8000000000000000"));
        assertThat(Oid.MAX.next()).isEqualTo(Oid.ROOT);
        assertThatThrownBy(() -> Oid.parse("12")).hasMessageContaining("'12'");
    }

    @Test
    void valuesAreEqualIfTheirBytesAre() {
        assertThat(new Content.Data(bytes("a")))
                .isEqualTo(new Content.Data(bytes("a")))
                .hasSameHashCodeAs(new Content.Data(bytes("a")));
        assertThat(new Content.Data(bytes("a"))).isNotEqualTo(new Content.Data(bytes("b")));
        assertThat(new Content.Link(Tid.NONE, bytes("a"))).isEqualTo(new Content.Link(Tid.NONE, bytes("a")));
        assertThat(new Content.Link(Tid.NONE, bytes("a")))
                .isNotEqualTo(new Content.Data(bytes("a")))
                .isNotEqualTo(new Content.Link(Tid.MAX, bytes("a")));
        assertThat(TransactionMeta.of("a", "b")).isEqualTo(TransactionMeta.of("a", "b"));
        assertThat(TransactionMeta.of("a", "b")).isNotEqualTo(TransactionMeta.of("a", "c"));
        assertThat(new Revision(bytes("a"), Tid.NONE, Tid.MAX)).isEqualTo(new Revision(bytes("a"), Tid.NONE, Tid.MAX));
        assertThat(new Revision(bytes("a"), Tid.NONE, Tid.MAX).isCurrent()).isTrue();
        assertThat(new CurrentRecord(Oid.ROOT, Tid.NONE, bytes("a")))
                .isEqualTo(new CurrentRecord(Oid.ROOT, Tid.NONE, bytes("a")));
    }

    @Test
    void metadataIsBoundedByWhatTheFormatHolds() {
        byte[] most = new byte[65_535];
        byte[] tooMuch = new byte[65_536];

        assertThat(new TransactionMeta(most, most, most).user()).hasSize(65_535);
        for (int i = 0; i < 3; i++) {
            int part = i;
            assertThatThrownBy(() -> new TransactionMeta(
                            part == 0 ? tooMuch : most, part == 1 ? tooMuch : most, part == 2 ? tooMuch : most))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65536");
        }
    }

    @Test
    void aConflictNamesItsObjectsButNotThousandsOfThem() {
        List<Conflict> many = IntStream.range(0, 5_000)
                .mapToObj(i -> new Conflict(new Oid(i), new Tid(2), new Tid(1), bytes("data"), Conflict.Kind.READ))
                .toList();

        ConflictException conflict = new ConflictException(many);

        assertThat(conflict).hasMessageContaining(new Oid(0).toString()).hasMessageContaining("5000 in all");
        assertThat(conflict.getMessage()).hasSizeLessThan(1_000);
        assertThat(conflict.conflicts()).hasSize(5_000);
        assertThat(conflict.isReadConflict()).isTrue();
        assertThat(new ConflictException("locked").isReadConflict()).isFalse();
    }

    @Test
    void aBranchIsKnownByTheWordsInItsName() {
        BranchId payaras = BranchId.parse("4a5453:03000000408a992773686f74732c7365727665722c50313030:"
                + "73686f74732c7365727665722c503130302c00");

        assertThat(payaras.words()).isEqualTo("shots,server,P100");
        assertThat(BranchId.parse("1:0061620061626300:646566").words()).isEqualTo("abc def");
        assertThat(BranchId.parse("1:0102:272d2d27").words()).isEmpty();
    }

    @Test
    void errorsSayWhatAndWhen() {
        assertThat(new DiskFullException("no room").retry()).isEqualTo(StorageException.Retry.LATER);
        assertThat(new ObjectNotFoundException(new Oid(7)).getMessage()).contains("0000000000000007");
        assertThat(new CorruptedException("Data.fs at 17", "bad length")).hasMessage("Data.fs at 17: bad length");
        List<StorageException> all = List.of(
                new ObjectNotFoundException(Oid.ROOT),
                new ConflictException("x"),
                new UndoException("x"),
                new ReadOnlyException("x"),
                new StorageUnavailableException("x"),
                new OutcomeUnknownException("x"),
                new ArrayFailedException("x"),
                new StorageClosedException("x"),
                new CorruptedException("x", "x"),
                new ProtocolException("x"),
                new DiskFullException("x"));
        assertThat(all)
                .extracting(StorageException::code)
                .doesNotHaveDuplicates()
                .allMatch(code -> code.matches("[a-z-]+"));
    }
}

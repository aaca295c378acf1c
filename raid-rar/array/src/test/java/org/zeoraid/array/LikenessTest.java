package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

class LikenessTest {

    private static CommittedTransaction transaction(String extension) {
        byte[] pickle = extension.getBytes(StandardCharsets.ISO_8859_1);
        TransactionMeta meta = new TransactionMeta(new byte[] {1}, new byte[] {2}, pickle);
        return CommittedTransaction.of(
                new TransactionHeader(new Tid(7), TransactionStatus.COMMITTED, meta, 0),
                List.of(new DataRecord(Oid.ROOT, new Content.Data(new byte[] {3}))));
    }

    @Test
    void extensionDataThatWasPickledAnewIsTheSame() {
        CommittedTransaction asItCame = transaction("}q\u0001U\u0004userq\u0002U\u0003maxs.");
        CommittedTransaction overTheWire = transaction(
                "\u0080\u0003}q\u0000X\u0004\u0000\u0000\u0000userq\u0001" + "X\u0003\u0000\u0000\u0000maxq\u0002s.");

        assertThat(Likeness.difference(asItCame, overTheWire)).isEmpty();
        assertThat(TransactionDigest.of(asItCame)).isEqualTo(TransactionDigest.of(overTheWire));
    }

    @Test
    void otherExtensionDataIsNot() {
        assertThat(Likeness.difference(transaction("}U\u0001aK\u0001s."), transaction("}U\u0001aK\u0002s.")))
                .hasValueSatisfying(what -> assertThat(what).contains("other metadata"));
        assertThat(Likeness.difference(transaction("}U\u0001aK\u0001s."), transaction("")))
                .isPresent();
    }

    @Test
    void theOrderOfRecordsDoesNotCountAndWhatAPackDroppedNeedNotBeThere() {
        CommittedTransaction one = of(data(1), data(2), data(3));

        assertThat(Likeness.difference(one, of(data(3), data(1), data(2)))).isEmpty();
        assertThat(Likeness.contradiction(one, of(data(3), data(1)))).isEmpty();
        assertThat(Likeness.contradiction(of(data(2)), one)).isEmpty();
        assertThat(Likeness.difference(one, of(data(1), data(2), data(4))))
                .hasValueSatisfying(what -> assertThat(what).contains("other objects"));
        assertThat(Likeness.difference(one, of(data(3), data(1), new DataRecord(new Oid(2), Content.ABSENT))))
                .hasValueSatisfying(what -> assertThat(what).contains("object 0000000000000002", "other data"));
    }

    /** A large transaction is read from disk; nobody is to hold it whole. */
    @Test
    void twoAreReadSideBySide() {
        int[] ahead = {0};
        CommittedTransaction one = new Walked(of(data(1), data(2), data(3), data(4)), () -> {
            ahead[0]++;
            assertThat(ahead[0]).isLessThanOrEqualTo(1);
        });
        CommittedTransaction other = new Walked(of(data(1), data(2), data(3), data(4)), () -> ahead[0]--);

        assertThat(Likeness.difference(one, other)).isEmpty();
    }

    private record Walked(CommittedTransaction walked, Runnable step) implements CommittedTransaction {

        @Override
        public TransactionHeader header() {
            return walked.header();
        }

        @Override
        public Iterable<DataRecord> records() {
            Iterator<DataRecord> records = walked.records().iterator();
            return () -> new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return records.hasNext();
                }

                @Override
                public DataRecord next() {
                    step.run();
                    return records.next();
                }
            };
        }

        @Override
        public int recordCount() {
            return walked.recordCount();
        }

        @Override
        public long dataBytes() {
            return walked.dataBytes();
        }
    }

    private static DataRecord data(int oid) {
        return new DataRecord(new Oid(oid), new Content.Data(new byte[oid]));
    }

    private static CommittedTransaction of(DataRecord... records) {
        return CommittedTransaction.of(
                new TransactionHeader(new Tid(7), TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(records));
    }
}

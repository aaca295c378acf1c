package org.zeoraid.storage.commit;

import java.util.Optional;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** What a transaction does to one object. */
sealed interface Change {

    Oid oid();

    /** What its conflict check compares. */
    Basis basis();

    /** Its blob, if it has one. */
    Optional<BlobSource> blob();

    /** The same with another file for its blob. */
    Change with(BlobSource blob);

    /** What a change was based on. */
    sealed interface Basis {

        /** The serial that the object must still have. */
        record Serial(Tid serial) implements Basis {}

        /** Nothing: it is written as it is. */
        record Unchecked() implements Basis {}

        Basis UNCHECKED = new Unchecked();
    }

    /** One whose data is in memory. */
    record InMemory(DataRecord entry, Basis basis) implements Change {
        @Override
        public Oid oid() {
            return entry.oid();
        }

        @Override
        public Optional<BlobSource> blob() {
            return entry.blob();
        }

        @Override
        public Change with(BlobSource blob) {
            return new InMemory(new DataRecord(entry.oid(), entry.content(), Optional.of(blob)), basis);
        }
    }

    /**
     * One whose data is in the transaction's file.
     *
     * @param origin where the data came from, for a link
     */
    record Spilled(Oid oid, Basis basis, Optional<Tid> origin, long position, int length, Optional<BlobSource> blob)
            implements Change {

        @Override
        public Change with(BlobSource other) {
            return new Spilled(oid, basis, origin, position, length, Optional.of(other));
        }

        DataRecord with(byte[] data) {
            return new DataRecord(
                    oid,
                    origin.<Content>map(tid -> new Content.Link(tid, data)).orElseGet(() -> new Content.Data(data)),
                    blob);
        }
    }
}

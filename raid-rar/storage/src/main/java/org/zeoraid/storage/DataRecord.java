package org.zeoraid.storage;

import java.util.Optional;

/**
 * What a transaction wrote for one object.
 *
 * @param blob the file of a blob's record; empty for an ordinary object
 */
public record DataRecord(Oid oid, Content content, Optional<BlobSource> blob) {

    public DataRecord(Oid oid, Content content) {
        this(oid, content, Optional.empty());
    }

    /** The object's data after this transaction; empty if it is gone. */
    public Optional<byte[]> data() {
        if (content instanceof Content.Data data) {
            return Optional.of(data.bytes());
        }
        return content instanceof Content.Link link ? Optional.of(link.bytes()) : Optional.empty();
    }
}

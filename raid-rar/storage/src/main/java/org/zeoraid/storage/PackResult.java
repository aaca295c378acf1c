package org.zeoraid.storage;

import java.util.Optional;

/**
 * What a pack did.
 *
 * @param bytesBefore size of the database before
 * @param bytesAfter size after
 * @param recordsDropped data records that are gone
 * @param note for the admin: why garbage was kept, or that there was nothing to do; may be blank
 * @param decided what has to be asked of another log with the same history, so that it forgets the same; empty if nothing was
 *     done, or this kind of log cannot tell
 */
public record PackResult(
        long bytesBefore, long bytesAfter, long recordsDropped, String note, Optional<PackRequest> decided) {

    /** A result of which nothing more can be told. */
    public PackResult(long bytesBefore, long bytesAfter, long recordsDropped, String note) {
        this(bytesBefore, bytesAfter, recordsDropped, note, Optional.empty());
    }

    public PackResult withNote(String other) {
        return new PackResult(bytesBefore, bytesAfter, recordsDropped, other, decided);
    }
}

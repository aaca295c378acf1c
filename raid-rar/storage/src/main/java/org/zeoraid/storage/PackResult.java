package org.zeoraid.storage;

/**
 * What a pack did.
 *
 * @param bytesBefore size of the database before
 * @param bytesAfter size after
 * @param recordsDropped data records that are gone
 * @param note for the admin: why garbage was kept, or that there was nothing to do; may be blank
 */
public record PackResult(long bytesBefore, long bytesAfter, long recordsDropped, String note) {}

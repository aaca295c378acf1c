package org.zeoraid.storage;

/**
 * How much is in a storage.
 *
 * @param objects number of objects, deleted ones included where the storage cannot tell cheaply
 * @param bytes bytes on disk, blobs not counted
 * @param largestOid the largest oid in use, {@link Oid#ROOT} if there is none
 */
public record StorageStats(long objects, long bytes, Oid largestOid) {}

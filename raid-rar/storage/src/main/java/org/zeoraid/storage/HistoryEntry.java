package org.zeoraid.storage;

/**
 * One revision in the history of an object.
 *
 * @param size bytes of its data, 0 where the object was gone
 */
public record HistoryEntry(Tid tid, TransactionMeta meta, long size) {}

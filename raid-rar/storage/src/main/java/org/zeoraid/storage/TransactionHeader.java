package org.zeoraid.storage;

/**
 * A transaction of the history, without its records.
 *
 * @param size bytes that it takes in the member that answers, 0 if unknown
 */
public record TransactionHeader(Tid tid, TransactionStatus status, TransactionMeta meta, long size) {}

package org.zeoraid.storage;

/**
 * How far something is.
 *
 * @param done in the unit of {@code total}
 * @param total 0 if unknown
 */
public record Progress(long done, long total) {}

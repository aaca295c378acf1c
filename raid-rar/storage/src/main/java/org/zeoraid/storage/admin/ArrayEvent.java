package org.zeoraid.storage.admin;

import java.time.Instant;

/**
 * Something that an admin may want to know about, kept over restarts.
 *
 * @param number counts an array's events from 1
 * @param member the member concerned; blank if it is the array
 * @param kind a stable word, such as {@code degraded} or {@code recovered}
 * @param text a sentence
 */
public record ArrayEvent(long number, Instant time, Severity severity, String member, String kind, String text) {

    /** How bad it is. */
    public enum Severity {
        INFO,
        WARNING,
        ERROR
    }
}

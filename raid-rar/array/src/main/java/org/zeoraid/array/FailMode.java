package org.zeoraid.array;

/** What an array does when it must stop writing. */
public enum FailMode {
    /** Refuses everything. */
    CLOSE,
    /** Goes on reading from members that are not stale. */
    READ_ONLY
}

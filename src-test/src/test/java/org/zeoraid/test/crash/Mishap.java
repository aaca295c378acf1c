package org.zeoraid.test.crash;

/** What happens besides. */
enum Mishap {
    NONE,
    /** A member's disk is not there when the server comes back. */
    MISSING_MEMBER,
    /** A member's disk fails before the server is halted. */
    FAILING_MEMBER,
    /** The server is halted once more as its recovery commits. */
    HALTED_RECOVERY
}

package org.zeoraid.raidctl;

/**
 * Exit codes. Commands that tell of a state answer as Nagios wants it, the others as commands do.
 */
public final class Exit {

    /** Optimal, sound. */
    public static final int OPTIMAL = 0;
    /** Being recovered. */
    public static final int RECOVERING = 1;
    /** Degraded, failed, damaged, or nobody answers. */
    public static final int CRITICAL = 2;
    /** Nothing can be said, as after a command that was not understood. */
    public static final int UNKNOWN = 3;

    /** What was to be done is done. */
    public static final int DONE = 0;
    /** It was refused, or failed. */
    public static final int FAILED = 1;
    /** The command was not understood. */
    public static final int WRONG_USE = 2;

    private Exit() {}
}

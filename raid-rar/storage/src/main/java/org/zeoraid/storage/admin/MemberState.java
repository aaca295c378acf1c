package org.zeoraid.storage.admin;

import java.util.Locale;

/** The state of a member in its array. */
public enum MemberState {
    /** Holds every acknowledged transaction and takes part in every commit. */
    OPTIMAL,
    /** Gets what it missed. */
    RECOVERING,
    /** Failed, or has not been recovered since; its reason says why. */
    DEGRADED,
    /** Taken out by an admin. */
    DISABLED,
    /** Holds transactions that the array does not; only an explicit rebuild takes it back. */
    DIVERGED,
    /** Configured, and not seen since the start. */
    WAITING;

    /** The lower-case word that every door uses. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

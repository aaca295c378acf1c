package org.zeoraid.storage.admin;

import java.util.Locale;

/** The state of an array, worst member counted. */
public enum ArrayState {
    /** Every configured member is optimal. */
    OPTIMAL,
    /** At least one member is being recovered, and none is in a worse state. */
    RECOVERING,
    /** The array works, and at least one member is missing from it. */
    DEGRADED,
    /** The array does not serve: no optimal member is left, or it waits for an admin. */
    FAILED;

    /** The lower-case word that every door uses. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

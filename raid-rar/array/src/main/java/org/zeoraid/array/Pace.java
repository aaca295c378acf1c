package org.zeoraid.array;

/** How long a member may take for what it is asked. */
enum Pace {
    /** Objects, and what is at hand. */
    QUICK,
    /** Blobs, histories, undo logs and walks. */
    SLOW
}

package org.zeoraid.adapter;

/** What the log does with the next transaction that it is given. */
enum Trouble {
    NONE,
    /** It says that it has not taken it. */
    REFUSED,
    /** Nobody can tell, and it has not. */
    UNKNOWN_LOST,
    /** Nobody can tell, and it has. */
    UNKNOWN_THERE
}

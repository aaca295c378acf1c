package org.zeoraid.ejb;

/** The roles of people and programs that look after arrays. */
public final class Roles {

    /** May do everything. */
    public static final String ADMIN = "raid-admin";

    /** May see everything, and change nothing. */
    public static final String MONITOR = "raid-monitor";

    private Roles() {}
}

package org.zeoraid.api;

import java.util.List;
import org.zeoraid.storage.admin.ArrayAdministration;

/**
 * The arrays of this server and what an admin can do to them; found in JNDI as {@code raid/administration}. Safe for any
 * number of threads. It checks no roles: whoever opens a door to it does.
 */
public interface RaidAdministration {
    /** The names of all configured arrays, failed ones included, in the order of the configuration. */
    List<String> arrays();

    /**
     * The administration of an array.
     *
     * @throws org.zeoraid.storage.admin.AdministrationException if there is no such array
     */
    ArrayAdministration array(String name);
}

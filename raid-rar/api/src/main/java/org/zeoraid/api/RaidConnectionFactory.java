package org.zeoraid.api;

import jakarta.resource.Referenceable;
import java.io.Serializable;

/**
 * Gives connections to one array; found in JNDI, such as {@code raid/main} for the array {@code main}. Safe for any
 * number of threads.
 *
 * <pre>{@code
 * @Resource(lookup = "raid/main")
 * RaidConnectionFactory main;
 *
 * try (RaidConnection connection = main.getConnection()) {
 *     connection.store(oid, data);
 * }
 * }</pre>
 */
public interface RaidConnectionFactory extends Serializable, Referenceable {
    /**
     * A connection that takes part in the caller's JTA transaction, if there is one. All connections to one array within
     * one transaction see the same snapshot and each other's writes. Cheap: to be closed after each piece of work.
     *
     * @throws org.zeoraid.storage.StorageUnavailableException if the server has none to give, or the array is not there
     */
    RaidConnection getConnection();
}

package org.zeoraid.ejb;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.eclipse.microprofile.config.ConfigProvider;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.ArrayStatus;

/**
 * What the resource adapter has put into JNDI, looked up at its first use: an application is deployed, and can say what
 * is wrong, even where the adapter is not there. It checks no roles.
 *
 * <p>The array that {@link ObjectStore} and {@link Names} use is {@code raid/main}, or what the MicroProfile Config
 * property {@code raid.store} names. Safe for any number of threads.
 */
@ApplicationScoped
public class ArrayAccess {

    /** Where the administration of all arrays is found. */
    public static final String ADMINISTRATION = "raid/administration";

    private static final String STORE_PROPERTY = "raid.store";
    private static final String MAIN = "raid/main";

    private final Map<String, Object> found = new ConcurrentHashMap<>();
    private final Lookup jndi;

    /** Looks up in the container's JNDI. */
    public ArrayAccess() {
        this(InitialContext::doLookup);
    }

    /** Looks up elsewhere. */
    public ArrayAccess(Lookup jndi) {
        this.jndi = jndi;
    }

    /**
     * The administration of all arrays.
     *
     * @throws StorageUnavailableException if the resource adapter is not deployed, or its resources are not bound
     */
    public RaidAdministration administration() {
        return find(ADMINISTRATION, RaidAdministration.class);
    }

    /** All arrays as they are now, in the order of the configuration. */
    public List<ArrayStatus> statusOfAll() {
        RaidAdministration administration = administration();
        return administration.arrays().stream()
                .map(name -> administration.array(name).status())
                .toList();
    }

    /**
     * A connection to the application's array, in the caller's transaction; to be closed.
     *
     * @throws StorageUnavailableException if there is none to have
     */
    public RaidConnection connect() {
        String name = ConfigProvider.getConfig()
                .getOptionalValue(STORE_PROPERTY, String.class)
                .orElse(MAIN);
        return connect(name);
    }

    /** A connection to the array at a JNDI name. A factory that gives none is looked up anew next time: it may be gone. */
    RaidConnection connect(String name) {
        RaidConnectionFactory factory = find(name, RaidConnectionFactory.class);
        try {
            return factory.getConnection();
        } catch (StorageUnavailableException e) {
            found.remove(name, factory);
            throw e;
        }
    }

    private <T> T find(String name, Class<T> type) {
        Object known = found.get(name);
        if (known == null) {
            known = lookUp(name);
            found.put(name, known);
        }
        if (!type.isInstance(known)) {
            throw new StorageUnavailableException("JNDI's " + name + " is a "
                    + known.getClass().getName() + ", not a " + type.getSimpleName()
                    + ": is the application carrying its own copy of the interfaces?");
        }
        return type.cast(known);
    }

    private Object lookUp(String name) {
        try {
            return jndi.lookup(name);
        } catch (NamingException e) {
            throw new StorageUnavailableException(
                    "nothing is bound in JNDI at " + name
                            + ": is raid-rar.rar deployed, and did its resources come up? See the server's log",
                    e);
        }
    }

    /** A way of looking up. */
    @FunctionalInterface
    public interface Lookup {
        Object lookup(String name) throws NamingException;
    }
}

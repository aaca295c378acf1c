package org.zeoraid.ejb;

import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptors;
import java.util.Optional;
import java.util.SortedMap;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;

/**
 * Names by which an application finds its objects again, kept in the database under its root object, in the caller's
 * transaction. Of two transactions that bind the same name at once one gets a conflict, never both succeed.
 *
 * <p>A name has 1 to 1024 bytes in UTF-8 and no control characters. It is for an application's entry points, up to some
 * hundred thousand; what hangs below them the application's own objects refer to. A database whose root is a Python
 * application's has no place for it, and every method says so with a {@link StoreException}.
 */
@Stateless
@Interceptors(StoreErrors.class)
@TransactionAttribute(TransactionAttributeType.REQUIRED)
public class Names {

    @Inject
    ArrayAccess arrays;

    /** What a name stands for. */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public Optional<Oid> lookup(String name) {
        try (RaidConnection connection = arrays.connect()) {
            return new NameDirectory(connection).lookup(name);
        }
    }

    /**
     * Binds a name that is free.
     *
     * @return whether the name stands for the object now: false if it stands for another
     */
    public boolean bind(String name, Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            return new NameDirectory(connection).bind(name, oid);
        }
    }

    /**
     * Binds a name, free or not.
     *
     * @return what it stood for before
     */
    public Optional<Oid> rebind(String name, Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            return new NameDirectory(connection).rebind(name, oid);
        }
    }

    /**
     * Frees a name; the object stays.
     *
     * @return what it stood for
     */
    public Optional<Oid> unbind(String name) {
        try (RaidConnection connection = arrays.connect()) {
            return new NameDirectory(connection).unbind(name);
        }
    }

    /**
     * All names that begin so, and what they stand for. Reads the whole directory.
     *
     * @param prefix may be empty
     */
    public SortedMap<String, Oid> list(String prefix) {
        try (RaidConnection connection = arrays.connect()) {
            return new NameDirectory(connection).list(prefix);
        }
    }
}

package org.zeoraid.test.beans;

import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.ejb.ConflictRetry;
import org.zeoraid.ejb.Names;
import org.zeoraid.ejb.NoSuchStoredObjectException;
import org.zeoraid.ejb.ObjectStore;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** Texts by names; each public method is one container-managed transaction. */
@Stateless
public class Shelf {

    @EJB
    ObjectStore store;

    @EJB
    Names names;

    @Resource(lookup = "raid/main")
    RaidConnectionFactory main;

    /** Puts a new text under a name, or changes the one that is there. */
    public String put(String name, String text) {
        store.describe("shelf", "put " + name);
        Optional<Oid> known = names.lookup(name);
        if (known.isPresent()) {
            store.store(known.get(), bytes(text));
            return known.get().toString();
        }
        Oid oid = store.create(bytes(text));
        names.bind(name, oid);
        return oid.toString();
    }

    /** The same, and then something goes wrong in the application. */
    public String putAndFail(String name, String text) {
        put(name, text);
        throw new IllegalStateException("the application fails");
    }

    public String get(String name) {
        return names.lookup(name).map(oid -> text(store.load(oid).data())).orElse("nothing");
    }

    /** Looks for an object that is not there, and goes on. */
    public String putAfterLookingInVain(String name, String text) {
        try {
            store.load(new Oid(0x7fffffffL));
            throw new IllegalStateException("it is there");
        } catch (NoSuchStoredObjectException e) {
            put(name, text);
            return "not found: " + e.oid();
        }
    }

    public String increment(String name) {
        int next = Integer.parseInt(get(name)) + 1;
        put(name, Integer.toString(next));
        return Integer.toString(next);
    }

    /** The same with a connection: its conflicts are no application exceptions, and the container wraps them. */
    public String incrementByConnection(String name) {
        Oid oid = names.lookup(name).orElseThrow();
        try (RaidConnection connection = main.getConnection()) {
            String next =
                    Integer.toString(Integer.parseInt(text(connection.load(oid).data())) + 1);
            connection.store(oid, bytes(next));
            connection.vote();
            return next;
        }
    }

    public String putBlob(String name, String text) {
        Oid oid = store.newOid();
        store.storeBlob(oid, new ByteArrayInputStream(bytes(text)));
        names.rebind(name, oid);
        return oid.toString();
    }

    public String getBlob(String name) {
        try (InputStream blob = store.blob(names.lookup(name).orElseThrow()).open()) {
            return text(blob.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Undoes the last transaction. */
    public String undo(String name) {
        Tid last = store.undoLog(0, 1).get(0).tid();
        store.undo(last);
        return last.toString();
    }

    public String list(String prefix) {
        return String.join(" ", names.list(prefix).keySet());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Many at once would meet conflicts; with retrying none is lost. */
    @Stateless
    public static class Counter {

        @EJB
        ConflictRetry retry;

        @EJB
        Shelf shelf;

        public String increment(String name) {
            return retried(() -> shelf.increment(name));
        }

        public String incrementByConnection(String name) {
            return retried(() -> shelf.incrementByConnection(name));
        }

        private String retried(Callable<String> work) {
            try {
                return retry.call(work);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

package org.zeoraid.zeo.server;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Conflict;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.UndoException;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.PickleReader;
import org.zeoraid.zeo.codec.PythonObject;
import org.zeoraid.zeo.codec.StoredPickle;
import org.zeoraid.zeo.codec.Tuple;

/** Values and errors of a storage in Python's terms. */
final class Python {

    private static final byte[] NOTHING = {};

    private Python() {}

    static Tuple oids(List<Oid> oids) {
        Object[] all = new Object[oids.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = Ids.bytes(oids.get(i));
        }
        return Tuple.of(all);
    }

    /** Seconds since 1970. */
    static double time(Tid tid) {
        Instant moment = tid.instant();
        return moment.getEpochSecond() + moment.getNano() / 1e9;
    }

    /** The id by which an undo log names a transaction. */
    static byte[] undoId(Tid tid) {
        return Base64.getEncoder().encode(Ids.bytes(tid));
    }

    static Tid fromUndoId(byte[] id) {
        byte[] tid;
        try {
            tid = Base64.getMimeDecoder().decode(id);
        } catch (IllegalArgumentException e) {
            tid = NOTHING;
        }
        if (tid.length != Long.BYTES) {
            throw cannotUndo("not the id of a transaction");
        }
        return new Tid(ByteBuffer.wrap(tid).getLong());
    }

    /** Extension data as the dictionary that it is; what cannot be read shows as empty. */
    static Map<?, ?> extension(TransactionMeta meta) {
        if (meta.extension().length == 0) {
            return Map.of();
        }
        try {
            return PickleReader.unpickle(meta.extension()) instanceof Map<?, ?> map ? map : Map.of();
        } catch (MalformedMessageException e) {
            return Map.of();
        }
    }

    static TransactionMeta meta(byte[] user, byte[] description, Map<?, ?> extension) {
        try {
            return new TransactionMeta(user, description, extension.isEmpty() ? NOTHING : StoredPickle.of(extension));
        } catch (IllegalArgumentException e) {
            throw new PythonException("builtins.ValueError", String.valueOf(e.getMessage()));
        }
    }

    /** A transaction as history and undo log describe it: extension entries beside the rest, which wins. */
    static Map<Object, @Nullable Object> describe(TransactionMeta meta, Tid tid, long size) {
        Map<Object, @Nullable Object> entry = new LinkedHashMap<>();
        extension(meta).forEach(entry::put);
        entry.put("time", time(tid));
        entry.put("user_name", meta.user());
        entry.put("description", meta.description());
        entry.put("size", size);
        return entry;
    }

    /** A storage's failure as the error that a Python client raises for it. */
    static PythonException error(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof PythonException python) {
            return python;
        }
        if (cause instanceof ObjectNotFoundException missing) {
            return new PythonException("ZODB.POSException.POSKeyError", message, Tuple.of(Ids.bytes(missing.oid())));
        }
        if (cause instanceof ConflictException conflict) {
            return conflict(conflict);
        }
        if (cause instanceof UndoException) {
            return cannotUndo(message);
        }
        if (cause instanceof ReadOnlyException) {
            return new PythonException("ZODB.POSException.ReadOnlyError", message, Tuple.EMPTY);
        }
        if (cause instanceof AdministrationException refused) {
            return Administering.refused(refused.refusal().name().toLowerCase(Locale.ROOT), message);
        }
        if (cause instanceof StorageException storage) {
            String text = storage.code() + ": " + message;
            return new PythonException("ZODB.POSException.StorageError", text);
        }
        return new PythonException("ZODB.POSException.StorageError", "internal: " + cause);
    }

    /** The one error about undoing that a client makes an exception of its own kind of. */
    private static PythonException cannotUndo(String reason) {
        return new PythonException(
                "ZODB.POSException.MultipleUndoErrors", reason, Map.of("_errs", Tuple.of(Tuple.of(null, reason))));
    }

    private static PythonException conflict(ConflictException failure) {
        String kind = failure.isReadConflict() ? "ReadConflictError" : "ConflictError";
        Map<Object, @Nullable Object> details = new LinkedHashMap<>();
        if (failure.conflicts().isEmpty()) {
            details.put("message", failure.getMessage());
            details.put("oid", null);
            details.put("class_name", null);
            details.put("serials", null);
        } else {
            Conflict first = failure.conflicts().get(0);
            details.put(
                    "message", failure.isReadConflict() ? "database read conflict error" : "database conflict error");
            details.put("oid", Ids.bytes(first.oid()));
            details.put("class_name", first.kind() == Conflict.Kind.WRITE ? className(first.data()) : null);
            details.put("serials", serials(first));
        }
        return new PythonException("ZODB.POSException." + kind, String.valueOf(failure.getMessage()), details);
    }

    /** Only changed data can be merged, and only a client has the classes for it. */
    static boolean canBeResolved(ConflictException conflict) {
        return !conflict.conflicts().isEmpty()
                && conflict.conflicts().stream()
                        .allMatch(c -> c.kind() == Conflict.Kind.WRITE
                                && c.data().length > 0
                                && !c.committed().equals(Tid.NONE)
                                && !c.based().equals(Tid.NONE));
    }

    /** The conflicts as a client resolves them. */
    static Tuple toResolve(ConflictException conflict) {
        return Tuple.of(conflict.conflicts().stream()
                .map(one -> {
                    Map<Object, @Nullable Object> row = new LinkedHashMap<>();
                    row.put("oid", Ids.bytes(one.oid()));
                    row.put("serials", serials(one));
                    row.put("data", one.data());
                    return row;
                })
                .toArray());
    }

    private static Tuple serials(Conflict conflict) {
        return Tuple.of(Ids.bytes(conflict.committed()), Ids.bytes(conflict.based()));
    }

    /** The class that a record's first pickle names, as {@code module.name}; null if it cannot be told. */
    static @Nullable String className(byte[] data) {
        try {
            Object type = PickleReader.unpickleFirst(data);
            if (type instanceof List<?> pair && !pair.isEmpty() && pair.get(0) instanceof List<?> inner) {
                type = inner;
            }
            if (type instanceof List<?> names && names.size() == 2 && names.get(0) instanceof String module) {
                return names.get(1) instanceof String name ? module + "." + name : null;
            }
            if (type instanceof PythonObject object) {
                return object.callable();
            }
            if (type instanceof List<?> pair && !pair.isEmpty() && pair.get(0) instanceof PythonObject object) {
                return object.callable();
            }
            return null;
        } catch (MalformedMessageException e) {
            return null;
        }
    }
}

package org.zeoraid.zeo.client;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.UndoException;
import org.zeoraid.zeo.codec.PythonObject;

/** An error that a server answered with. */
final class RemoteException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Errors of our own servers begin with their code, see {@link StorageException#code()}. */
    private static final Map<String, BiFunction<String, Throwable, StorageException>> OWN = Map.of(
            "array-failed",
                    (text, cause) -> new StorageUnavailableException("not served at the server: " + text, cause),
            "corrupted", (text, cause) -> new CorruptedException("the server", text, cause),
            "disk-full", DiskFullException::new,
            "outcome-unknown", OutcomeUnknownException::new,
            "protocol", ProtocolException::new,
            "read-only", ReadOnlyException::new,
            "closed", (text, cause) -> new StorageUnavailableException("closed at the server: " + text, cause),
            "unavailable", StorageUnavailableException::new);

    private final String className;
    private final String text;
    private final transient @Nullable Object details;

    RemoteException(String className, @Nullable Object details) {
        super(className + ": " + shown(details));
        this.className = className;
        this.text = shown(details);
        this.details = details;
    }

    private static String shown(@Nullable Object details) {
        Object one = details instanceof List<?> list && list.size() == 1 ? list.get(0) : details;
        String text = String.valueOf(one instanceof byte[] bytes ? bytes.length + " bytes" : one);
        return text.length() > 500 ? text.substring(0, 500) + "…" : text;
    }

    /** Whether this is how the server says that there is no such object or revision. */
    boolean isMissingObject() {
        return className.endsWith(".POSKeyError");
    }

    /** The object that is missing, if the server told. */
    @Nullable Oid oid() {
        return details instanceof List<?> list
                        && !list.isEmpty()
                        && list.get(0) instanceof byte[] bytes
                        && bytes.length == Long.BYTES
                ? Values.oid(bytes)
                : null;
    }

    /** Whether a server of our own answered it, so that it is known what it means. */
    boolean isOwn() {
        return className.endsWith(".StorageError") && OWN.containsKey(code());
    }

    private String code() {
        int colon = text.indexOf(": ");
        return colon < 0 ? "" : text.substring(0, colon);
    }

    /** The same in a storage's terms, for everything but a missing object. */
    StorageException asStorageException() {
        String message = String.valueOf(getMessage());
        if (isOwn()) {
            return own(code(), text.substring(code().length() + 2), this);
        }
        if (className.endsWith("ConflictError")) {
            return new ConflictException(message);
        }
        if (className.endsWith("UndoError") || className.endsWith("UndoErrors")) {
            return new UndoException(message, this);
        }
        if (className.endsWith("ReadOnlyError")) {
            return new ReadOnlyException("the server is read-only", this);
        }
        if (message.contains("No space left on device") || message.contains("FileStorageQuotaError")) {
            return new DiskFullException(message, this);
        }
        return new StorageUnavailableException("the server answered with " + message, this);
    }

    /** An error of a server of our own, by its code. */
    static StorageException own(String code, String text) {
        return own(code, text, new StorageClosedException("at the server: " + text));
    }

    private static StorageException own(String code, String text, Throwable cause) {
        BiFunction<String, Throwable, StorageException> kind = OWN.get(code);
        return kind == null
                ? new StorageUnavailableException("the server answered with " + code + ": " + text, cause)
                : kind.apply(text, cause);
    }

    /** Reads the arguments of an error reply. */
    static RemoteException from(@Nullable Object arguments) {
        if (arguments instanceof List<?> pair && pair.size() == 2 && pair.get(0) instanceof String name) {
            return new RemoteException(name, pair.get(1));
        }
        if (arguments instanceof PythonObject object) {
            return new RemoteException(object.callable(), object.arguments());
        }
        return new RemoteException("unknown error", arguments);
    }
}

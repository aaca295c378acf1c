package org.zeoraid.zeo.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.UndoException;
import org.zeoraid.zeo.codec.PythonObject;

/** An error that a server answered with. */
final class RemoteException extends RuntimeException {

    private final String className;

    RemoteException(String className, @Nullable Object details) {
        super(className + ": " + shown(details));
        this.className = className;
    }

    private static String shown(@Nullable Object details) {
        String text = String.valueOf(details);
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    /** Whether this is how the server says that there is no such object or revision. */
    boolean isMissingObject() {
        return className.endsWith(".POSKeyError");
    }

    /** The same in a storage's terms, for everything but a missing object. */
    StorageException asStorageException() {
        String text = String.valueOf(getMessage());
        if (className.endsWith("ConflictError")) {
            return new ConflictException(text);
        }
        if (className.endsWith("UndoError") || className.endsWith("UndoErrors")) {
            return new UndoException(text, this);
        }
        if (className.endsWith("ReadOnlyError")) {
            return new ReadOnlyException(text, this);
        }
        if (text.contains("No space left on device") || text.contains("disk-full") || text.contains("quota")) {
            return new DiskFullException(text, this);
        }
        return new StorageUnavailableException("the server answered with " + text, this);
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

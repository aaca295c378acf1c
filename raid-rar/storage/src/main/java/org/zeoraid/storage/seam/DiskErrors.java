package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What a file system's errors mean to an admin: many of them say nothing but a path. */
public final class DiskErrors {

    private DiskErrors() {}

    /** A text that says what is in the way and, where that is plain, what to do about it. */
    public static String text(IOException failure) {
        if (failure instanceof FileSystemException of && of.getFile() != null) {
            String path = of.getFile();
            if (of instanceof FileAlreadyExistsException) {
                return path + " is in the way: it exists, and is not the folder or file that is needed here;"
                        + " move it away, or configure another path";
            }
            if (of instanceof NotDirectoryException) {
                return path + " is not a folder: move it away, or configure another path";
            }
            if (of instanceof NoSuchFileException) {
                return "there is no " + path + ": is its disk mounted?";
            }
            if (of instanceof AccessDeniedException) {
                return path + " may not be used by this server's user: check its owner and mode";
            }
            return of.getReason() == null ? failure.toString() : path + ": " + of.getReason();
        }
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}

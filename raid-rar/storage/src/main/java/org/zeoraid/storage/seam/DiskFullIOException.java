package org.zeoraid.storage.seam;

import java.io.IOException;

/**
 * There is no room on the disk, or a quota of the file system is reached. Thrown by a write, a part of it may have been
 * written; thrown by a sync, nothing is known about what was written since the last one that succeeded, as after every
 * failed sync.
 */
public final class DiskFullIOException extends IOException {

    private static final long serialVersionUID = 1L;

    public DiskFullIOException(String message) {
        super(message);
    }

    public DiskFullIOException(String message, Throwable cause) {
        super(message, cause);
    }
}

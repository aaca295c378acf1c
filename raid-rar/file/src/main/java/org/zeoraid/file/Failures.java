package org.zeoraid.file;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.DiskErrors;
import org.zeoraid.storage.seam.DiskFullIOException;

/** What the disk's errors mean to whoever asked. */
final class Failures {

    private Failures() {}

    /** @param what what was tried, such as "cannot read FILE" */
    static StorageException of(String what, IOException e) {
        if (e instanceof ClosedChannelException) {
            return new StorageClosedException(what + ": it is closed", e);
        }
        if (e instanceof DiskFullIOException) {
            return new DiskFullException(what + ": the disk is full", e);
        }
        return new StorageUnavailableException(what + ": " + DiskErrors.text(e), e);
    }
}

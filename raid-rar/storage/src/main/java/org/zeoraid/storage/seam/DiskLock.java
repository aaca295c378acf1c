package org.zeoraid.storage.seam;

import java.io.IOException;

/** A lock held on a file of its own; see {@link Disk#tryLock}. */
public interface DiskLock extends AutoCloseable {

    /** Gives the lock up; the file stays. Does nothing the second time. */
    @Override
    void close() throws IOException;
}

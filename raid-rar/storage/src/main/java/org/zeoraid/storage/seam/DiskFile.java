package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file. Reads and writes name their position, so any number of threads may read while one writes. */
public interface DiskFile extends AutoCloseable {

    long size() throws IOException;

    /**
     * Reads until the buffer is full or the file ends. Not harmed by the interruption of the calling thread.
     *
     * @return how many bytes were read, 0 at the end of the file
     */
    int read(ByteBuffer buffer, long position) throws IOException;

    /** Writes all of the buffer. */
    void write(ByteBuffer buffer, long position) throws IOException;

    void truncate(long size) throws IOException;

    /** Puts data and length on stable storage. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}

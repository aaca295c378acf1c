package org.zeoraid.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** The bytes of a blob, readable any number of times for as long as the transaction or the blob file lives. */
public interface BlobSource {

    /** Length in bytes. */
    long size();

    /** A new stream from the start; the caller closes it. */
    InputStream open() throws IOException;

    /**
     * The local file that holds exactly these bytes, if there is one. It is immutable: a member may copy it,
     * and must not move, change or delete it.
     */
    Optional<Path> file();
}

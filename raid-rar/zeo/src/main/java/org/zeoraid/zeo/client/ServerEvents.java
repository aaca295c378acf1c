package org.zeoraid.zeo.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageException;

/** What a server calls on its own account. On the event loop. */
final class ServerEvents implements ServerChannel.Calls {

    private final BlobStore blobs;
    private @Nullable Appends appends;

    ServerEvents(BlobStore blobs) {
        this.blobs = blobs;
    }

    void attach(Appends to) {
        appends = to;
    }

    @Override
    public void called(String method, List<?> arguments) {
        switch (method) {
            case "invalidateTransaction" -> {
                if (appends != null) {
                    appends.foreign(Values.tid(Values.row(arguments, 1).get(0)));
                }
            }
            case "receiveBlobStart" -> {
                List<?> two = Values.row(arguments, 2);
                blobs.start(Values.oid(two.get(0)), Values.tid(two.get(1)));
            }
            case "receiveBlobChunk" -> {
                List<?> three = Values.row(arguments, 3);
                blobs.chunk(Values.oid(three.get(0)), Values.tid(three.get(1)), Values.data(three.get(2)));
            }
            case "receiveBlobStop" -> {
                List<?> two = Values.row(arguments, 2);
                blobs.stop(Values.oid(two.get(0)), Values.tid(two.get(1)));
            }
            default -> {
                // "info" and whatever else a server may tell: nothing here depends on it.
            }
        }
    }

    @Override
    public void ended(StorageException reason) {
        blobs.abandon();
    }
}

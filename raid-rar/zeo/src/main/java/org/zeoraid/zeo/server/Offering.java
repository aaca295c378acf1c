package org.zeoraid.zeo.server;

import java.nio.file.Path;
import java.util.Optional;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.admin.ArrayAdministration;

/**
 * A storage that a server offers to its clients.
 *
 * @param storage stays open when the server closes
 * @param administration the array behind it, for the {@code raid_*} calls; they are errors without one
 * @param sharedBlobs the folder that clients see too, as their {@code blob-dir} with {@code shared-blob-dir true}: every
 *     blob's file lies in it; nobody but this server and its clients may write there
 */
public record Offering(Storage storage, Optional<ArrayAdministration> administration, Optional<Path> sharedBlobs) {

    /** Any storage, without an array behind it. */
    public static Offering of(Storage storage) {
        return new Offering(storage, Optional.empty(), Optional.empty());
    }

    /** An array. */
    public static Offering of(Storage storage, ArrayAdministration administration) {
        return new Offering(storage, Optional.of(administration), Optional.empty());
    }

    public Offering withSharedBlobs(Path folder) {
        return new Offering(storage, administration, Optional.of(folder));
    }
}

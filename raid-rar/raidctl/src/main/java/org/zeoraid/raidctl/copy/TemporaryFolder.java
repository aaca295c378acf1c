package org.zeoraid.raidctl.copy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder that goes with the command. */
final class TemporaryFolder {

    private TemporaryFolder() {}

    /** Deletes a folder with all that is in it; what cannot be deleted is told. */
    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            System.getLogger("org.zeoraid.raidctl")
                    .log(Level.WARNING, "the temporary folder " + folder + " cannot be deleted: " + e);
        }
    }
}

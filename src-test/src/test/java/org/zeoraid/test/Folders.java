package org.zeoraid.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders of tests, as one run leaves them and the next one finds them. */
public final class Folders {
    private Folders() {}

    /** A folder under the build directory for one test; empty, or not there. */
    static Path fresh(String name) {
        Path folder = Path.of(System.getProperty("raid.work", "target/work")).resolve(name);
        delete(folder);
        return folder;
    }

    /** Deletes a folder and everything in it; file systems that are mounted there are let go of, not emptied. */
    public static void delete(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        Mount.releaseBelow(tree);
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

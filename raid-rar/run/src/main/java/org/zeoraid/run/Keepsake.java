package org.zeoraid.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.function.Function;
import org.zeoraid.storage.seam.DiskErrors;

/**
 * Something random that a server is given at its first start and keeps in its data directory, in a file that only its owner can read.
 *
 * @param what it is, for people
 * @param file its name in the data directory
 * @param whenEmpty what to do about a file with nothing in it, for people
 * @param bytes how many random ones it is made of
 * @param words how it is made of them
 */
record Keepsake(String what, String file, String whenEmpty, int bytes, Function<byte[], String> words) {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /**
     * The one that is kept there, made now if there is none.
     *
     * @throws LaunchException if it can be neither read nor made
     */
    String in(Path data) {
        Path kept = data.resolve(file);
        try {
            if (!Files.exists(kept)) {
                make(kept);
            }
            Files.setPosixFilePermissions(kept, OWNER_ONLY);
            String text = Files.readString(kept).strip();
            if (text.isEmpty()) {
                throw new LaunchException(kept + " is empty: " + whenEmpty);
            }
            return text;
        } catch (IOException e) {
            throw new LaunchException(what + " cannot be kept in " + kept + ": " + DiskErrors.text(e), e);
        }
    }

    /** Under another name first, so that no half of it is ever there, and never readable for others. */
    private void make(Path kept) throws IOException {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        Path draft = kept.resolveSibling(file + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.writeString(draft, words.apply(random) + "\n");
        Files.move(draft, kept, StandardCopyOption.ATOMIC_MOVE);
    }
}

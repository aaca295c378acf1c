package org.zeoraid.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.zeoraid.storage.seam.DiskErrors;

/**
 * The password of the user {@code admin}.
 *
 * @param value the password itself; never printed
 * @param origin where it can be found, for people
 */
record AdminPassword(String value, String origin) {
    static final String VARIABLE = "RAID_ADMIN_PASSWORD";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int BYTES = 18;

    /**
     * The one of the environment variable, else the one kept in the data directory, made now if there is none.
     *
     * @throws LaunchException if it can be neither read nor made
     */
    static AdminPassword of(Map<String, String> environment, Path data) {
        String given = environment.getOrDefault(VARIABLE, "");
        if (!given.isBlank()) {
            return new AdminPassword(given, "in the environment variable " + VARIABLE);
        }
        Path file = data.resolve("admin-password");
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            Files.setPosixFilePermissions(file, OWNER_ONLY);
            String kept = Files.readString(file).strip();
            if (kept.isEmpty()) {
                throw new LaunchException(file + " is empty: delete it to have a password made, or write one into it");
            }
            return new AdminPassword(kept, "in " + file);
        } catch (IOException e) {
            throw new LaunchException("the admin's password cannot be kept in " + file + ": " + DiskErrors.text(e), e);
        }
    }

    /** Under another name first, so that no half of it is ever there, and never readable for others. */
    private static void make(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        Path draft = file.resolveSibling("admin-password.new");
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.write(draft, (Base64.getUrlEncoder().encodeToString(random) + "\n").getBytes(StandardCharsets.US_ASCII));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public String toString() {
        return "password " + origin;
    }
}

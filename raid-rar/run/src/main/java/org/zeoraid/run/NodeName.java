package org.zeoraid.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.zeoraid.storage.seam.DiskErrors;

/** What the server's transactions are called by: a name that no other server has, and that moves with the data directory. */
final class NodeName {
    static final String VARIABLE = "RAID_NODE";
    private static final int BYTES = 6;

    private NodeName() {}

    /**
     * The one of the environment variable, else the one kept in the data directory, made now if there is none.
     *
     * @throws LaunchException if it can be neither read nor made
     */
    static String of(Map<String, String> environment, Path data) {
        String given = environment.getOrDefault(VARIABLE, "");
        if (!given.isBlank()) {
            return given;
        }
        Path file = data.resolve("node-name");
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            String kept = Files.readString(file).strip();
            if (kept.isEmpty()) {
                throw new LaunchException(file + " is empty: write the server's name into it, the one that its"
                        + " transactions have had");
            }
            return kept;
        } catch (IOException e) {
            throw new LaunchException("the server's name cannot be kept in " + file + ": " + DiskErrors.text(e), e);
        }
    }

    /** Under another name first, so that no half of it is ever there. */
    private static void make(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        Path draft = file.resolveSibling("node-name.new");
        Files.writeString(draft, "raid-" + HexFormat.of().formatHex(random) + "\n");
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
}

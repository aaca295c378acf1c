package org.zeoraid.run;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

/** What the server's transactions are called by: a name that no other server has, and that moves with the data directory. */
final class NodeName {
    static final String VARIABLE = "RAID_NODE";
    private static final Keepsake KEPT = new Keepsake(
            "the server's name",
            "node-name",
            "write the server's name into it, the one that its transactions have had",
            6,
            random -> "raid-" + HexFormat.of().formatHex(random));

    private NodeName() {}

    /**
     * The one of the environment variable, else the one kept in the data directory, made now if there is none.
     *
     * @throws LaunchException if it can be neither read nor made
     */
    static String of(Map<String, String> environment, Path data) {
        String given = environment.getOrDefault(VARIABLE, "");
        return given.isBlank() ? KEPT.in(data) : given;
    }
}

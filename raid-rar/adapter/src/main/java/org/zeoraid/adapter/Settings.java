package org.zeoraid.adapter;

import java.nio.file.Path;
import java.util.Optional;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.syntax.ConfigurationException;

/**
 * Where a resource adapter finds its arrays.
 *
 * @param configFile a configuration file
 * @param dataDirectory where the embedded default lies, which is used where there is no file
 * @param zeoAddress where ZEO clients are served; blank for what the configuration says
 */
record Settings(Optional<Path> configFile, Optional<Path> dataDirectory, String zeoAddress) {
    /** @param configFile blank for none, as a server's properties have it; the same for {@code dataDirectory} */
    Settings(String configFile, String dataDirectory, String zeoAddress) {
        this(path(configFile), path(dataDirectory), zeoAddress);
    }

    /**
     * Reads the configuration; opens nothing.
     *
     * @throws ConfigurationException if it cannot be used
     */
    RaidConfiguration configuration() {
        return configFile
                .map(RaidConfiguration::parse)
                .or(() -> dataDirectory.map(RaidConfiguration::embedded))
                .orElseThrow(() -> new IllegalArgumentException("neither configFile nor dataDirectory is set"))
                .listeningAt(zeoAddress);
    }

    private static Optional<Path> path(String text) {
        return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
    }
}

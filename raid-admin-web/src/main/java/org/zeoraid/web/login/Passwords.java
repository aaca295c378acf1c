package org.zeoraid.web.login;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Where passwords come from: for the user {@code admin} the environment variable {@code RAID_ADMIN_PASSWORD}, else the
 * property {@code raid.admin.password}, else the first line of the file that {@code raid.admin.password.file} names; for
 * {@code monitor} alike. A user without a password does not exist. Asked at every login, so that a file can be changed
 * without a restart.
 */
final class Passwords {

    private static final Logger LOG = System.getLogger("org.zeoraid.web");

    private final Function<String, Optional<String>> environment;
    private final Function<String, Optional<String>> properties;

    /** The process's environment, read as it is: a configuration would take a {@code $} in it for a reference. */
    Passwords() {
        this(name -> Optional.ofNullable(System.getenv(name)), name -> ConfigProvider.getConfig()
                .getOptionalValue(name, String.class));
    }

    Passwords(Function<String, Optional<String>> environment, Function<String, Optional<String>> properties) {
        this.environment = environment;
        this.properties = properties;
    }

    Optional<String> of(String user) {
        return environment
                .apply("RAID_" + user.toUpperCase(Locale.ROOT) + "_PASSWORD")
                .or(() -> properties.apply("raid." + user + ".password"))
                .filter(password -> !password.isBlank())
                .or(() -> properties
                        .apply("raid." + user + ".password.file")
                        .map(Path::of)
                        .flatMap(Passwords::firstLine));
    }

    private static Optional<String> firstLine(Path file) {
        try (var lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines.findFirst().filter(line -> !line.isBlank());
        } catch (IOException e) {
            LOG.log(
                    Logger.Level.ERROR,
                    "the password file " + file + " cannot be read, so its user cannot log in: see that it exists and"
                            + " belongs to the server's user",
                    e);
            return Optional.empty();
        }
    }
}

package org.zeoraid.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.zeoraid.config.RaidConfiguration;

/**
 * What is to be run.
 *
 * @param server Payara Micro's jar
 * @param rar the resource adapter
 * @param wars applications, in the order in which they are deployed; the admin page comes first
 * @param data the data directory, absolute
 * @param configuration the file with the arrays; empty for the embedded default
 * @param httpPort where the page is
 * @param zeoAddress where ZEO clients are served, as the resource adapter's property has it; blank for where the
 *     configuration says
 * @param commands a file of commands for what is to be there before transactions are recovered
 * @param libraries jars for the server's class path, such as the drivers of databases
 * @param jvm options for the server's Java
 */
record Options(
        Path server,
        Path rar,
        List<Path> wars,
        Path data,
        Optional<Path> configuration,
        int httpPort,
        String zeoAddress,
        Optional<Path> commands,
        List<Path> libraries,
        List<String> jvm) {
    private static final Set<String> KNOWN =
            Set.of("server", "rar", "war", "data", "conf", "http-port", "zeo-port", "commands", "libs", "jvm");

    /**
     * Reads {@code --name=value}; a blank value counts as not given, several files are separated by commas.
     *
     * @throws LaunchException saying what is wrong
     */
    static Options parse(List<String> arguments) {
        Map<String, String> values = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = argument.startsWith("--") && equals > 0 ? argument.substring(2, equals) : "";
            if (!KNOWN.contains(name)) {
                throw new LaunchException("'" + argument + "' is not understood; expected --name=value with one of "
                        + String.join(", ", KNOWN.stream().sorted().toList()));
            }
            String value = argument.substring(equals + 1).strip();
            if (!value.isEmpty()) {
                values.put(name, value);
            }
        }
        return new Options(
                file("Payara Micro", values, "server"),
                file("the resource adapter", values, "rar"),
                files("an application", values, "war"),
                dataDirectory(required(values, "data")),
                Optional.ofNullable(values.get("conf")).map(name -> existing("the configuration (-Draid.conf)", name)),
                port("-Dhttp.port", values.getOrDefault("http-port", "8080")),
                Optional.ofNullable(values.get("zeo-port"))
                        .map(Options::zeoAddress)
                        .orElse(""),
                Optional.ofNullable(values.get("commands"))
                        .map(name -> existing("the command file (-Draid.commands)", name)),
                files("a library (-Draid.libs)", values, "libs"),
                Optional.ofNullable(values.get("jvm")).stream()
                        .flatMap(words -> Arrays.stream(words.split("\\s+")))
                        .toList());
    }

    private static Path file(String what, Map<String, String> values, String name) {
        return existing(what, required(values, name));
    }

    private static List<Path> files(String what, Map<String, String> values, String name) {
        return Optional.ofNullable(values.get(name)).stream()
                .flatMap(names -> Arrays.stream(names.split(",")))
                .map(path -> existing(what, path.strip()))
                .toList();
    }

    private static String required(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new LaunchException("--" + name + "=… is missing");
        }
        return value;
    }

    private static Path existing(String what, String name) {
        Path path = path(name);
        if (!Files.isRegularFile(path)) {
            throw new LaunchException(what + " is not there: " + path);
        }
        return path;
    }

    /** What a build deletes is no place for data. */
    private static Path dataDirectory(String name) {
        Path path = path(name);
        for (Path part : path) {
            if (part.toString().equals("target")) {
                throw new LaunchException("the data directory " + path
                        + " is under a folder 'target', which Maven deletes; give another one with -Draid.data=DIR");
            }
        }
        return path;
    }

    private static Path path(String name) {
        return Path.of(name).toAbsolutePath().normalize();
    }

    private static String zeoAddress(String port) {
        return port.equals(RaidConfiguration.NOWHERE) ? port : "localhost:" + port("-Dzeo.port", port);
    }

    private static int port(String option, String text) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new LaunchException(option + " is a number from 1 to 65535, not '" + text + "'", e);
        }
        throw new LaunchException(option + " is a number from 1 to 65535, not " + text);
    }
}

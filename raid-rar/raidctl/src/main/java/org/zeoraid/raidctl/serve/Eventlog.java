package org.zeoraid.raidctl.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.zeoraid.config.syntax.Block;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.ConfigurationParser;
import org.zeoraid.config.syntax.Document;
import org.zeoraid.config.syntax.Entry;
import org.zeoraid.raidctl.Logs;

/**
 * Where messages go: what {@code <eventlog>} says, or the standard error. Of a {@code <logfile>} the path and the level
 * count; a file is appended to, so that whoever rotates logs may copy it and truncate it.
 */
final class Eventlog {

    /** The names of levels in a {@code zeo.conf}; in Python a number stands behind each, as here. */
    private static final Map<String, Integer> LEVELS = Map.ofEntries(
            Map.entry("all", 1),
            Map.entry("trace", 5),
            Map.entry("debug", 10),
            Map.entry("blather", 15),
            Map.entry("info", 20),
            Map.entry("warn", 30),
            Map.entry("warning", 30),
            Map.entry("error", 40),
            Map.entry("critical", 50),
            Map.entry("fatal", 50),
            Map.entry("notset", 20));

    private final Level level;
    private final List<LogFile> files;
    private final List<String> notices;

    /** @param path empty for the standard error */
    private record LogFile(Optional<Path> path, Level level) {}

    private Eventlog(Level level, List<LogFile> files, List<String> notices) {
        this.level = level;
        this.files = List.copyOf(files);
        this.notices = List.copyOf(notices);
    }

    /**
     * Reads the section of a configuration file.
     *
     * @throws ConfigurationException if a level is none
     */
    static Eventlog of(Path configuration) {
        Document document = ConfigurationParser.parse(configuration);
        Optional<Block> section = document.root().blocks().stream()
                .filter(block -> block.type().equals("eventlog"))
                .findFirst();
        if (section.isEmpty()) {
            return new Eventlog(Level.INFO, List.of(), List.of());
        }
        Level level = level(section.get()).orElse(Level.INFO);
        List<LogFile> files = new ArrayList<>();
        List<String> notices = new ArrayList<>();
        for (Block block : section.get().blocks()) {
            if (!block.type().equals("logfile")) {
                notices.add(block.position() + ": " + block.title()
                        + " has no effect: messages go to files and to the standard error only");
                continue;
            }
            for (Entry entry : block.entries()) {
                if (!List.of("path", "level").contains(entry.key())) {
                    notices.add(entry.position() + ": '" + entry.key() + "' in <logfile> has no effect");
                }
            }
            value(block, "path")
                    .ifPresent(path -> files.add(new LogFile(
                            target(document.folder(), path.value()),
                            level(block).orElse(Level.ALL))));
        }
        return new Eventlog(level, files, notices);
    }

    private static Optional<Entry> value(Block block, String key) {
        return block.entries().stream().filter(entry -> entry.key().equals(key)).findFirst();
    }

    private static Optional<Path> target(Path folder, String path) {
        return path.equals("STDERR") || path.equals("STDOUT")
                ? Optional.empty()
                : Optional.of(folder.resolve(path).normalize());
    }

    private static Optional<Level> level(Block block) {
        return value(block, "level").map(entry -> level(entry));
    }

    private static Level level(Entry entry) {
        String word = entry.value().toLowerCase(Locale.ROOT);
        Integer number = LEVELS.get(word);
        if (number == null) {
            if (!word.matches("\\d{1,2}")) {
                throw new ConfigurationException(
                        entry.position(),
                        "'" + entry.value() + "' is no level; expected one of all, trace, debug, blather, info, warn,"
                                + " error, critical, or a number from 0 to 50");
            }
            number = Integer.parseInt(word);
        }
        if (number >= 40) {
            return Level.SEVERE;
        }
        if (number >= 30) {
            return Level.WARNING;
        }
        if (number >= 20) {
            return Level.INFO;
        }
        return number >= 10 ? Level.FINE : Level.ALL;
    }

    /** Sends all messages there from now on; fails if a file cannot be opened. */
    void install() throws IOException {
        List<Handler> handlers = new ArrayList<>();
        for (LogFile file : files) {
            if (file.path().isPresent()) {
                Path path = file.path().get();
                if (path.getParent() != null) {
                    Files.createDirectories(path.getParent());
                }
                handlers.add(at(LineHandler.file(path), file.level()));
            } else {
                handlers.add(at(LineHandler.standardError(), file.level()));
            }
        }
        if (handlers.isEmpty()) {
            handlers.add(at(LineHandler.standardError(), Level.ALL));
        }
        // What the arrays say of this section holds for application servers.
        handlers.forEach(handler -> handler.setFilter(entry -> !isAboutThis(entry.getMessage())));
        Logs.to(level, handlers);
        System.Logger log = System.getLogger("org.zeoraid.raidctl");
        notices.forEach(notice -> log.log(System.Logger.Level.INFO, notice));
    }

    /** Whether a notice tells that the section has no effect. */
    static boolean isAboutThis(@Nullable String notice) {
        return notice != null && notice.contains(": <eventlog> has no effect");
    }

    private static Handler at(Handler handler, Level level) {
        handler.setLevel(level);
        return handler;
    }
}

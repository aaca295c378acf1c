package org.zeoraid.config.syntax;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the lines of a configuration. After ZConfig's documented syntax: a line is a comment, a directive, the begin or
 * end of a section, or a key with a value; what follows the key belongs to the value, a {@code #} too.
 */
public final class ConfigurationParser {

    private static final String WORD = "[^\\s()]+";
    private static final Pattern KEY_AND_VALUE = Pattern.compile("(" + WORD + ")(?:\\s+(\\S.*))?", Pattern.DOTALL);
    private static final Pattern HEADER = Pattern.compile("(" + WORD + ")(?:\\s+(" + WORD + "))?");
    private static final Pattern KEY = Pattern.compile("[A-Za-z][-._A-Za-z0-9]*");
    private static final Pattern URL = Pattern.compile("[A-Za-z][-+.A-Za-z0-9]+:.*");

    /** Far more than anybody writes: what is larger is not a configuration. */
    private static final int LARGEST_FILE = 1 << 20;

    private static final int DEEPEST = 50;

    private final Path folder;
    private final Definitions definitions;
    private final List<Document.Import> imports = new ArrayList<>();
    /** The files being read, each including the next, as the file system knows them. */
    private final Deque<Path> open = new ArrayDeque<>();

    private ConfigurationParser(Path folder, Function<String, Optional<String>> variables) {
        this.folder = folder;
        this.definitions = new Definitions(variables);
    }

    /**
     * Reads a file and all that it includes.
     *
     * @throws ConfigurationException at the first line that cannot be understood, or if a file cannot be read
     */
    public static Document parse(Path file) {
        return parse(file, name -> Optional.ofNullable(System.getenv(name)));
    }

    static Document parse(Path file, Function<String, Optional<String>> variables) {
        Path absolute = file.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        ConfigurationParser parser = new ConfigurationParser(parent == null ? absolute : parent, variables);
        Building root = new Building("", Optional.empty(), new Position(file.toString(), 1));
        parser.include(absolute, file.toString(), new Position(file.toString(), 0), root);
        return new Document(parser.folder, root.block(), parser.imports);
    }

    private void include(Path file, String title, Position asked, Building into) {
        String text = read(file, title, asked);
        Path real = real(file);
        if (open.contains(real)) {
            throw new ConfigurationException(
                    asked, "'" + title + "' includes itself; take this %include out, or that in the file it names");
        }
        if (open.size() == DEEPEST) {
            throw new ConfigurationException(asked, "more than " + DEEPEST + " files that include each other");
        }
        open.addLast(real);
        new Lines(file, title, into).read(text);
        open.removeLast();
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file;
        }
    }

    private static String read(Path file, String title, Position asked) {
        try {
            if (Files.isDirectory(file)) {
                throw new ConfigurationException(asked, "'" + title + "' is a folder; expected a configuration file");
            }
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new ConfigurationException(asked, "'" + title + "' is a device; expected a configuration file");
            }
            if (Files.size(file) > LARGEST_FILE) {
                throw new ConfigurationException(
                        asked,
                        "'" + title + "' has more than " + LARGEST_FILE + " bytes; expected a configuration file");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(
                    asked, "there is no file '" + file + "'; create it, or correct the name", e);
        } catch (AccessDeniedException e) {
            throw new ConfigurationException(
                    asked, "this process may not read '" + file + "'; give its user the right to", e);
        } catch (CharacterCodingException e) {
            throw new ConfigurationException(
                    new Position(title, 0), "the file is not UTF-8 text; save it in that encoding", e);
        } catch (IOException e) {
            throw new ConfigurationException(
                    asked, "'" + file + "' cannot be read: " + e.getMessage() + "; check who may read it", e);
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** A section being read. */
    private static final class Building {
        final String type;
        final Optional<String> name;
        final Position position;
        final List<Entry> entries = new ArrayList<>();
        final List<Block> blocks = new ArrayList<>();

        Building(String type, Optional<String> name, Position position) {
            this.type = type;
            this.name = name;
            this.position = position;
        }

        Block block() {
            return new Block(type, name, position, entries, blocks);
        }

        String title() {
            return Block.title(type, name);
        }
    }

    /** The lines of one file. Sections that begin in a file end in it. */
    private final class Lines {
        private final Path file;
        private final String title;
        private final Deque<Building> sections = new ArrayDeque<>();
        private int number;

        Lines(Path file, String title, Building into) {
            this.file = file;
            this.title = title;
            sections.addLast(into);
        }

        void read(String text) {
            for (String line : text.split("\r\n|\n|\r", -1)) {
                number++;
                String stripped = line.strip();
                if (!stripped.isEmpty() && stripped.charAt(0) != '#') {
                    line(stripped);
                }
            }
            if (sections.size() > 1) {
                Building open = sections.getLast();
                throw new ConfigurationException(
                        open.position, open.title() + " is never closed; expected '</" + open.type + ">' in this file");
            }
        }

        private void line(String line) {
            if (line.startsWith("</")) {
                close(inner(line, 2));
            } else if (line.startsWith("<")) {
                open(inner(line, 1));
            } else if (line.startsWith("%")) {
                directive(line.substring(1));
            } else {
                entry(line);
            }
        }

        private String inner(String line, int from) {
            if (!line.endsWith(">")) {
                throw new ConfigurationException(
                        here(),
                        "'" + line + "' does not end with '>'; a section's begin or end stands on a line of its own");
            }
            return line.substring(from, line.length() - 1);
        }

        private void open(String inner) {
            boolean empty = inner.endsWith("/");
            String header = (empty ? inner.substring(0, inner.length() - 1) : inner).stripTrailing();
            Matcher match = HEADER.matcher(header);
            if (!match.matches()) {
                throw new ConfigurationException(
                        here(),
                        "'<" + inner + ">' is not the begin of a section; expected '<type>' or '<type name>', without"
                                + " blanks or brackets in the name");
            }
            Building section = new Building(
                    lower(match.group(1)), Optional.ofNullable(match.group(2)).map(ConfigurationParser::lower), here());
            if (empty) {
                sections.getLast().blocks.add(section.block());
            } else if (sections.size() > DEEPEST) {
                throw new ConfigurationException(here(), "more than " + DEEPEST + " sections inside each other");
            } else {
                sections.addLast(section);
            }
        }

        private void close(String inner) {
            String type = lower(inner.strip());
            if (sections.size() == 1) {
                throw new ConfigurationException(
                        here(), "'</" + type + ">' ends a section that does not begin in this file; take the line out");
            }
            Building section = sections.getLast();
            if (!section.type.equals(type)) {
                throw new ConfigurationException(
                        here(),
                        "'</" + type + ">' cannot end " + section.title() + " of " + section.position + "; expected '</"
                                + section.type + ">'");
            }
            sections.removeLast();
            sections.getLast().blocks.add(section.block());
        }

        private void directive(String line) {
            Matcher match = KEY_AND_VALUE.matcher(line);
            String word = match.matches() ? match.group(1) : line;
            if (!List.of("define", "import", "include").contains(word)) {
                throw new ConfigurationException(
                        here(), "unknown directive '%" + word + "'; expected %define, %import or %include");
            }
            String value = match.group(2);
            if (value == null) {
                throw new ConfigurationException(
                        here(),
                        "%" + word + " says nothing; expected "
                                + switch (word) {
                                    case "define" -> "'%define NAME value'";
                                    case "import" -> "'%import package'";
                                    default -> "'%include file'";
                                });
            }
            switch (word) {
                case "define" -> definitions.define(value, here());
                case "import" -> imports.add(new Document.Import(definitions.fill(value, here()), here()));
                default -> include(definitions.fill(value, here()));
            }
        }

        private void include(String name) {
            String path = name.startsWith("file://") ? name.substring("file://".length()) : name;
            if (URL.matcher(path).matches()) {
                throw new ConfigurationException(
                        here(), "'" + name + "' cannot be included; expected a file on this machine");
            }
            try {
                Path target = file.resolveSibling(path).normalize();
                ConfigurationParser.this.include(target, titleOf(target), here(), sections.getLast());
            } catch (InvalidPathException e) {
                throw new ConfigurationException(here(), "'" + name + "' is not a file name: " + e.getReason(), e);
            }
        }

        /** Named beside the file that includes it, so that both read alike in messages. */
        private String titleOf(Path target) {
            Path parent = file.getParent();
            if (parent == null || !target.startsWith(parent)) {
                return target.toString();
            }
            return Path.of(title)
                    .resolveSibling(parent.relativize(target).toString())
                    .toString();
        }

        private void entry(String line) {
            Matcher match = KEY_AND_VALUE.matcher(line);
            if (!match.matches() || !KEY.matcher(match.group(1)).matches()) {
                throw new ConfigurationException(
                        here(),
                        "'" + line
                                + "' is not understood; expected 'key value', '<section>', '%directive' or '# comment'");
            }
            String value = match.group(2);
            sections.getLast()
                    .entries
                    .add(new Entry(
                            lower(match.group(1)), value == null ? "" : definitions.fill(value, here()), here()));
        }

        private Position here() {
            return new Position(title, number);
        }
    }
}

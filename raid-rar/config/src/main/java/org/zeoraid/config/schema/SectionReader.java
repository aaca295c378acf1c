package org.zeoraid.config.schema;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.zeoraid.config.syntax.Block;
import org.zeoraid.config.syntax.Entry;
import org.zeoraid.config.syntax.Position;

/** Reads a section as its type says, and tells of everything in it that is not as expected. */
public final class SectionReader {

    private final Path folder;
    private final Findings findings;

    /** @param folder what relative paths start from */
    public SectionReader(Path folder, Findings findings) {
        this.folder = folder;
        this.findings = findings;
    }

    /** Empty if a problem was found in it, or inside it. */
    public Optional<Section> read(Block block, SectionType type) {
        Map<String, Key<?>> keys = new LinkedHashMap<>();
        type.keys().forEach(key -> keys.put(key.name(), key));
        Map<String, Section.Reading> readings = new HashMap<>();
        Map<String, Position> seen = new HashMap<>();
        boolean whole = true;
        for (Entry entry : block.entries()) {
            Key<?> key = keys.get(entry.key());
            Position before = seen.putIfAbsent(entry.key(), entry.position());
            if (key == null) {
                findings.problem(
                        entry.position(),
                        "unknown key '" + entry.key() + "' in " + block.title() + "; " + expectedKeys(type));
                whole = false;
            } else if (before != null && !key.isRepeatable()) {
                findings.problem(
                        entry.position(),
                        "'" + entry.key() + "' stands at " + before + " already; expected it once in " + block.title());
                whole = false;
            } else if (key.refusal().isPresent()) {
                findings.problem(
                        entry.position(),
                        "'" + entry.key() + "' in " + block.title() + " is refused: "
                                + key.refusal().get());
                whole = false;
            } else if (key.meaningless().isPresent()) {
                findings.notice(
                        entry.position(),
                        "'" + entry.key() + "' in " + block.title() + " has no effect: "
                                + key.meaningless().get());
            } else {
                Optional<?> value = value(entry, key.type());
                value.ifPresent(
                        v -> readings.merge(key.name(), new Section.Reading(v, entry.position()), SectionReader::both));
                whole &= value.isPresent();
            }
        }
        for (Key<?> key : type.keys()) {
            if (key.isRequired() && !seen.containsKey(key.name())) {
                findings.problem(
                        block.position(),
                        "'" + key.name() + "' is missing in " + block.title() + "; expected a line '" + key.name()
                                + "' with " + key.type().expected());
                whole = false;
            }
        }
        Optional<List<Section>> inside = inside(block, type);
        if (!whole || inside.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Section(type, block.name(), block.position(), folder, readings, inside.get()));
    }

    /** Two lines of a key that may stand several times: the values are lists, see {@link Key#several}. */
    private static Section.Reading both(Section.Reading earlier, Section.Reading later) {
        return new Section.Reading(
                Stream.concat(((List<?>) earlier.value()).stream(), ((List<?>) later.value()).stream())
                        .toList(),
                earlier.position());
    }

    private Optional<List<Section>> inside(Block block, SectionType type) {
        List<Section> sections = new ArrayList<>();
        Map<String, Block> named = new HashMap<>();
        boolean whole = true;
        for (Block inner : block.blocks()) {
            Optional<SectionType> kind = type.sections().stream()
                    .filter(candidate -> candidate.type().equals(inner.type()))
                    .findFirst();
            Block before =
                    inner.name().map(name -> named.putIfAbsent(name, inner)).orElse(null);
            if (kind.isEmpty()) {
                findings.problem(inner.position(), unknown(inner, block, type));
                whole = false;
            } else if (kind.get().standing() instanceof SectionType.Standing.Misplaced misplaced) {
                findings.problem(inner.position(), inner.title() + " has no place here; " + misplaced.advice());
                whole = false;
            } else if (before != null) {
                findings.problem(
                        inner.position(),
                        "the name '" + inner.name().orElse("") + "' is that of " + before.title() + " at "
                                + before.position() + " already; give " + inner.title() + " another one");
                whole = false;
            } else if (kind.get().standing() instanceof SectionType.Standing.Meaningless meaningless) {
                findings.notice(inner.position(), inner.title() + " has no effect: " + meaningless.reason());
            } else {
                Optional<Section> section = read(inner, kind.get());
                section.ifPresent(sections::add);
                whole &= section.isPresent();
            }
        }
        return whole ? Optional.of(sections) : Optional.empty();
    }

    private Optional<?> value(Entry entry, ValueType<?> type) {
        if (entry.value().isEmpty()) {
            findings.problem(entry.position(), "'" + entry.key() + "' has no value; expected " + type.expected());
            return Optional.empty();
        }
        try {
            return Optional.of(type.read(entry.value(), folder));
        } catch (IllegalArgumentException e) {
            // Numbers out of Java's own parsers come with messages for programmers.
            String message = e instanceof NumberFormatException || e.getMessage() == null ? "" : e.getMessage();
            findings.problem(
                    entry.position(),
                    "'" + entry.value() + "' cannot be the value of '" + entry.key() + "'; expected " + type.expected()
                            + (message.isEmpty() ? "" : " (" + message + ")"));
            return Optional.empty();
        }
    }

    private static String expectedKeys(SectionType type) {
        String keys = type.keys().stream()
                .filter(Key::isMeaningful)
                .map(Key::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return keys.isEmpty() ? "expected no keys here" : "expected one of " + keys;
    }

    private static String unknown(Block inner, Block outer, SectionType type) {
        String sections = type.sections().stream()
                .filter(SectionType::isMeaningful)
                .map(section -> "<" + section.type() + ">")
                .sorted()
                .collect(Collectors.joining(", "));
        String where = outer.type().isEmpty() ? "at the top level" : "in " + outer.title();
        return "this version knows no section " + inner.title() + " " + where + "; "
                + (sections.isEmpty() ? "expected no sections here" : "expected one of " + sections);
    }
}

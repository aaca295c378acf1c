package org.zeoraid.config.schema;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.zeoraid.config.syntax.Position;

/** A section whose keys have been read and are what its type says. Immutable. */
public final class Section {

    private final SectionType type;
    private final Optional<String> name;
    private final Position position;
    private final Path folder;
    private final Map<String, Reading> readings;
    private final List<Section> sections;

    /** A value and where it stands. */
    record Reading(Object value, Position position) {}

    Section(
            SectionType type,
            Optional<String> name,
            Position position,
            Path folder,
            Map<String, Reading> readings,
            List<Section> sections) {
        this.type = type;
        this.name = name;
        this.position = position;
        this.folder = folder;
        this.readings = Map.copyOf(readings);
        this.sections = List.copyOf(sections);
    }

    public SectionType type() {
        return type;
    }

    /** What stands behind the type, in lower case. */
    public Optional<String> name() {
        return name;
    }

    /** Where it begins. */
    public Position position() {
        return position;
    }

    /** The folder of the configuration file, absolute. */
    public Path folder() {
        return folder;
    }

    /** How it is called in messages: {@code <filestorage a>}. */
    public String title() {
        return "<" + type.type() + name.map(n -> " " + n).orElse("") + ">";
    }

    /**
     * The value of a key that is required or has a default.
     *
     * @throws NoSuchElementException if the key is neither, or not one of this section's type: a mistake in the program
     */
    public <T> T value(Key<T> key) {
        return find(key).orElseThrow(() -> new NoSuchElementException(key.name() + " in " + title()));
    }

    /**
     * The value of a key, or its default; empty if there is neither.
     *
     * @throws NoSuchElementException if it is no key of this section's type
     */
    @SuppressWarnings("unchecked")
    public <T> Optional<T> find(Key<T> key) {
        if (!type.keys().contains(key)) {
            throw new NoSuchElementException("<" + type.type() + "> has no key " + key.name());
        }
        Reading reading = readings.get(key.name());
        // The reading was made by this key's own type.
        return reading == null ? key.fallback() : Optional.of((T) reading.value());
    }

    /** Where a key stands; where the section begins if it does not stand there. */
    public Position positionOf(Key<?> key) {
        Reading reading = readings.get(key.name());
        return reading == null ? position : reading.position();
    }

    /** The sections inside it, in their order, without those that mean nothing. */
    public List<Section> sections() {
        return sections;
    }
}

package org.zeoraid.config.schema;

import java.util.List;
import java.util.Optional;

/**
 * A kind of section.
 *
 * @param type the word behind {@code <}, in lower case
 * @param keys what may stand in it
 * @param sections what may be inside it, each any number of times
 * @param meaningless why the section with all that is in it means nothing here; empty if it means something
 */
public record SectionType(String type, List<Key<?>> keys, List<SectionType> sections, Optional<String> meaningless) {

    public SectionType {
        keys = List.copyOf(keys);
        sections = List.copyOf(sections);
    }

    /** A kind of section without others inside it. */
    public static SectionType of(String type, List<Key<?>> keys) {
        return of(type, keys, List.of());
    }

    public static SectionType of(String type, List<Key<?>> keys, List<SectionType> sections) {
        return new SectionType(type, keys, sections, Optional.empty());
    }

    /**
     * A kind of section that other servers know and that means nothing here: whatever stands in it is accepted, and told
     * of once.
     */
    public static SectionType meaningless(String type, String reason) {
        return new SectionType(type, List.of(), List.of(), Optional.of(reason));
    }
}

package org.zeoraid.config.schema;

import java.util.List;

/**
 * A kind of section.
 *
 * @param type the word behind {@code <}, in lower case
 * @param keys what may stand in it
 * @param sections what may be inside it, each any number of times
 * @param standing what becomes of it
 */
public record SectionType(String type, List<Key<?>> keys, List<SectionType> sections, Standing standing) {

    /** What becomes of a section. */
    public sealed interface Standing {

        /** It is read. */
        record Meaningful() implements Standing {}

        /**
         * Other servers know it and it means nothing here: whatever is in it is accepted, and told of once.
         *
         * @param reason why, or what does the same here
         */
        record Meaningless(String reason) implements Standing {}

        /**
         * It is known, but not at this place.
         *
         * @param advice where it belongs
         */
        record Misplaced(String advice) implements Standing {}
    }

    public SectionType {
        keys = List.copyOf(keys);
        sections = List.copyOf(sections);
    }

    /** A kind of section without others inside it. */
    public static SectionType of(String type, List<Key<?>> keys) {
        return of(type, keys, List.of());
    }

    public static SectionType of(String type, List<Key<?>> keys, List<SectionType> sections) {
        return new SectionType(type, keys, sections, new Standing.Meaningful());
    }

    public static SectionType meaningless(String type, String reason) {
        return new SectionType(type, List.of(), List.of(), new Standing.Meaningless(reason));
    }

    public static SectionType misplaced(String type, String advice) {
        return new SectionType(type, List.of(), List.of(), new Standing.Misplaced(advice));
    }

    /** Whether it is read. */
    public boolean isMeaningful() {
        return standing instanceof Standing.Meaningful;
    }
}

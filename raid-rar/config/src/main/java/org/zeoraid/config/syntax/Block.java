package org.zeoraid.config.syntax;

import java.util.List;
import java.util.Optional;

/**
 * A section as it was written, or the top level of a configuration.
 *
 * @param type in lower case; empty for the top level
 * @param name in lower case, as ZConfig does it
 * @param position where it begins
 */
public record Block(String type, Optional<String> name, Position position, List<Entry> entries, List<Block> blocks) {

    public Block {
        entries = List.copyOf(entries);
        blocks = List.copyOf(blocks);
    }

    /** How it is called in messages: {@code <filestorage a>}, or {@code the top level}. */
    public String title() {
        return title(type, name);
    }

    static String title(String type, Optional<String> name) {
        return type.isEmpty()
                ? "the top level"
                : "<" + type + name.map(n -> " " + n).orElse("") + ">";
    }
}

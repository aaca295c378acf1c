package org.zeoraid.config.syntax;

/**
 * One thing that is wrong, or worth telling, in a configuration.
 *
 * @param position where
 * @param text what it is, what was expected, what to do; without the position
 */
public record Problem(Position position, String text) {

    /** {@code file:line: text}. */
    @Override
    public String toString() {
        return position + ": " + text;
    }
}

package org.zeoraid.config.syntax;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code %define} defined, shared by a configuration and all that it includes, and the filling in of values. */
final class Definitions {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    /** No value is ever as long; definitions that double each other would be. */
    private static final int LONGEST = 1 << 16;

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, Position> places = new HashMap<>();
    private final Function<String, Optional<String>> variables;

    /** @param variables the environment variables */
    Definitions(Function<String, Optional<String>> variables) {
        this.variables = variables;
    }

    /** Takes the text behind {@code %define}. */
    void define(String text, Position position) {
        String[] parts = text.split("\\s+", 2);
        if (!NAME.matcher(parts[0]).matches()) {
            throw new ConfigurationException(
                    position,
                    "'" + parts[0] + "' cannot be defined; expected '%define NAME value' with a NAME of letters, digits"
                            + " and _ that does not begin with a digit");
        }
        String name = parts[0].toLowerCase(Locale.ROOT);
        String value = parts.length == 2 ? fill(parts[1].strip(), position) : "";
        String before = values.putIfAbsent(name, value);
        if (before != null && !before.equals(value)) {
            throw new ConfigurationException(
                    position,
                    "'" + parts[0] + "' is defined as '" + before + "' at " + places.get(name) + " and cannot become '"
                            + value + "'; use another name");
        }
        places.putIfAbsent(name, position);
    }

    /** Replaces {@code $NAME}, {@code ${NAME}}, {@code $(VARIABLE)} and {@code $$}. */
    String fill(String text, Position position) {
        StringBuilder filled = new StringBuilder();
        int from = 0;
        for (int dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', from)) {
            filled.append(text, from, dollar);
            from = fillOne(text, dollar, filled, position);
            if (filled.length() > LONGEST) {
                throw new ConfigurationException(
                        position,
                        "the value has more than " + LONGEST + " characters once its definitions are filled in");
            }
        }
        return filled.append(text, from, text.length()).toString();
    }

    /** Appends what the reference at {@code dollar} stands for, and tells where the text goes on. */
    private int fillOne(String text, int dollar, StringBuilder filled, Position position) {
        char next = dollar + 1 < text.length() ? text.charAt(dollar + 1) : ' ';
        if (next == '$') {
            filled.append('$');
            return dollar + 2;
        }
        boolean bracketed = next == '{' || next == '(';
        int start = dollar + (bracketed ? 2 : 1);
        Matcher name = NAME.matcher(text).region(start, text.length());
        if (!name.lookingAt()) {
            throw new ConfigurationException(
                    position,
                    "'$' without a name in '" + text + "'; expected $NAME, ${NAME} or $(VARIABLE), and $$ for the"
                            + " character $ itself");
        }
        int end = name.end();
        if (bracketed) {
            char close = next == '{' ? '}' : ')';
            if (end == text.length() || text.charAt(end) != close) {
                throw new ConfigurationException(
                        position,
                        "'" + text.substring(dollar, end) + "' is not closed; expected '" + close + "' behind it");
            }
            end++;
        }
        filled.append(next == '(' ? variable(name.group(), position) : defined(name.group(), position));
        return end;
    }

    private String defined(String name, Position position) {
        String value = values.get(name.toLowerCase(Locale.ROOT));
        if (value == null) {
            throw new ConfigurationException(
                    position,
                    "'$" + name + "' is not defined; write '%define " + name + " value' in a line above, or $$ for the"
                            + " character $ itself");
        }
        return value;
    }

    private String variable(String name, Position position) {
        return variables
                .apply(name)
                .orElseThrow(() -> new ConfigurationException(
                        position,
                        "the environment variable '" + name + "' is not set; set it for this process, or use"
                                + " '%define' and $NAME"));
    }
}

package org.zeoraid.web.page;

import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What people type into fields. */
final class Typed {

    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d+(?:[.,]\\d+)?");
    private static final Pattern IN_GROUPS = Pattern.compile("[-+]?\\d{1,3},\\d{3}");

    private Typed() {}

    /**
     * A number with a point or a comma before its fraction.
     *
     * @return empty if nothing was typed
     * @throws IllegalArgumentException if it is anything else, or could be meant in two ways
     */
    static OptionalDouble number(@Nullable String typed) {
        String text = typed == null ? "" : typed.strip();
        if (text.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a number");
        }
        if (IN_GROUPS.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' can be meant in two ways; write " + text.replace(",", "")
                    + " or " + text.replace(',', '.'));
        }
        return OptionalDouble.of(Double.parseDouble(text.replace(',', '.')));
    }
}

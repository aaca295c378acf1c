package org.zeoraid.raidctl;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as JSON, on several lines: maps in their order, lists, texts, numbers, truths, nothing. */
public final class Json {

    private final StringBuilder text = new StringBuilder();

    private Json() {}

    /** @throws IllegalArgumentException for any other kind of value */
    public static String of(@Nullable Object value) {
        Json json = new Json();
        json.value(value, "\n");
        return json.text.toString();
    }

    private void value(@Nullable Object value, String line) {
        if (value instanceof Map<?, ?> map) {
            entries('{', map.entrySet().iterator(), '}', line);
        } else if (value instanceof List<?> list) {
            entries('[', list.iterator(), ']', line);
        } else if (value instanceof String string) {
            string(string);
        } else if (value instanceof Double number && !Double.isFinite(number)) {
            text.append("null");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            throw new IllegalArgumentException("no JSON for a " + value.getClass());
        }
    }

    private void entries(char open, Iterator<?> entries, char close, String line) {
        text.append(open);
        if (!entries.hasNext()) {
            text.append(close);
            return;
        }
        String deeper = line + "  ";
        String separator = "";
        while (entries.hasNext()) {
            text.append(separator).append(deeper);
            Object next = entries.next();
            if (next instanceof Map.Entry<?, ?> entry) {
                string(String.valueOf(entry.getKey()));
                text.append(": ");
                value(entry.getValue(), deeper);
            } else {
                value(next, deeper);
            }
            separator = ",";
        }
        text.append(line).append(close);
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}

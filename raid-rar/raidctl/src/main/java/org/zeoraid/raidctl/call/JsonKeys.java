package org.zeoraid.raidctl.call;

import java.util.ArrayList;
import java.util.List;
import org.zeoraid.raidctl.Refusal;

/** The keys of a JSON object, whatever their values are. */
final class JsonKeys {

    private JsonKeys() {}

    static List<String> of(String json) {
        List<String> keys = new ArrayList<>();
        int depth = 0;
        boolean key = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            switch (c) {
                case '{', '[' -> {
                    depth++;
                    key = depth == 1 && c == '{';
                }
                case '}', ']' -> depth--;
                case ',' -> key = depth == 1;
                case ':' -> key = false;
                case '"' -> {
                    StringBuilder text = new StringBuilder();
                    i = text(json, i + 1, text);
                    if (key && depth == 1) {
                        keys.add(text.toString());
                    }
                }
                default -> {
                    // Numbers, words and blanks tell nothing of keys.
                }
            }
        }
        return keys;
    }

    /** Reads a string from behind its quote; returns where the closing one is. */
    private static int text(String json, int start, StringBuilder text) {
        int i = start;
        while (i < json.length() && json.charAt(i) != '"') {
            char c = json.charAt(i++);
            if (c == '\\' && i < json.length()) {
                c = json.charAt(i++);
                if (c == 'u' && i + 4 <= json.length()) {
                    c = (char) Integer.parseInt(json.substring(i, i + 4), 16);
                    i += 4;
                }
            }
            text.append(c);
        }
        if (i >= json.length()) {
            throw Refusal.failed("the server's status is no JSON");
        }
        return i;
    }
}

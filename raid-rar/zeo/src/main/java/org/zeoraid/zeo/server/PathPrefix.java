package org.zeoraid.zeo.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.codec.PythonObject;

/**
 * The beginning of a path, which is how Zope asks for the transactions of one folder. After {@code Prefix} of the Python
 * package ZopeUndo, which knows texts alone, while users and descriptions are bytes by now.
 */
record PathPrefix(List<?> path) {

    /** As its pickle describes it: called with the path, or given the path's parts. */
    static PathPrefix of(PythonObject prefix) {
        if (prefix.state() instanceof Map<?, ?> state && state.get("path") instanceof List<?> parts) {
            return new PathPrefix(parts);
        }
        if (prefix.arguments().size() == 1 && prefix.arguments().get(0) instanceof String path) {
            return new PathPrefix(parts(path));
        }
        throw new PythonException("builtins.TypeError", "a Prefix without a path");
    }

    /** Whether a text, or bytes, begin with the path's parts. What follows a space in the last part is a user's name. */
    boolean isAbove(@Nullable Object value) {
        if (!(value instanceof String || value instanceof byte[])) {
            return false;
        }
        String text = value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : (String) value;
        int space = text.lastIndexOf(' ');
        List<String> parts = parts(space > text.lastIndexOf('/') ? text.substring(0, space) : text);
        return parts.size() >= path.size() && parts.subList(0, path.size()).equals(path);
    }

    private static List<String> parts(String path) {
        return List.of(path.split("/", -1));
    }
}

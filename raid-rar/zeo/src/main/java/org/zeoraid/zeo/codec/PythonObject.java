package org.zeoraid.zeo.codec;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that only Python knows, or a call of it, as a pickle describes it. Nothing is ever made of it.
 *
 * @param callable its dotted name, such as {@code ZODB.POSException.UndoError}
 * @param arguments what it was called with; empty if it was only named
 * @param state what it was given afterwards, in most cases its attributes by name; null if nothing
 */
public record PythonObject(
        String callable,
        List<@Nullable Object> arguments,
        @Nullable Object state) {

    /** What a client asks for to have an undo log filtered by the beginnings of paths. */
    public static final String PREFIX = "ZopeUndo.Prefix.Prefix";

    /** Bytes, as ZODB marks them. */
    static final String BINARY = "zodbpickle.binary";

    private static final Set<String> DICTIONARY = Set.of("builtins.dict", "__builtin__.dict");

    private static final Set<String> HARMLESS = Set.of(
            BINARY,
            PREFIX,
            "builtins.dict",
            "builtins.set",
            "builtins.frozenset",
            "builtins.bytearray",
            "builtins.complex",
            "__builtin__.dict",
            "__builtin__.set",
            "__builtin__.frozenset",
            "__builtin__.bytearray",
            "__builtin__.complex");

    public PythonObject(String callable, List<@Nullable Object> arguments) {
        this(callable, arguments, null);
    }

    /**
     * Whether calling it has no effect but that there is a value. What a client sent is stored, and unpickled by whoever
     * reads the file with Python. Of what ZEO itself lets through this is what has to do with values: {@code builtins.eval} is in
     * the same module.
     */
    static boolean isHarmless(String callable) {
        return HARMLESS.contains(callable);
    }

    static boolean isDictionary(String callable) {
        return DICTIONARY.contains(callable);
    }
}

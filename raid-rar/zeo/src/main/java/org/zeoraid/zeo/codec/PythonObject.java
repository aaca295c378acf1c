package org.zeoraid.zeo.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that only Python knows, or a call of it, as a pickle describes it. Nothing is ever made of it.
 *
 * @param callable its dotted name, such as {@code ZODB.POSException.UndoError}
 * @param arguments what it was called with; empty if it was only named
 */
public record PythonObject(String callable, List<@Nullable Object> arguments) {}

package org.zeoraid.adapter;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where an application has opened a connection, for the message about one that it did not close.
 *
 * @param thread its name
 * @param frames the innermost of the application's, or of what it called
 */
record Opening(String thread, List<StackFrame> frames) {
    static final Opening UNKNOWN = new Opening("?", List.of());

    private static final int FRAMES = 6;
    private static final StackWalker WALKER = StackWalker.getInstance();

    /** The caller of the method that calls this, and some of those behind it: so few that it costs next to nothing. */
    static Opening here() {
        return new Opening(
                Thread.currentThread().getName(),
                WALKER.walk(frames -> frames.skip(2).limit(FRAMES).toList()));
    }

    /** The frames, each in a line. */
    String place() {
        return frames.stream()
                .map(frame -> "\n\tat " + frame.toStackTraceElement())
                .collect(Collectors.joining());
    }

    @Override
    public String toString() {
        return "in thread '" + thread + "'" + place();
    }
}

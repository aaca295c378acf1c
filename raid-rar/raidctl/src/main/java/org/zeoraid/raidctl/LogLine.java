package org.zeoraid.raidctl;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** How something logged is written. */
public final class LogLine {

    private static final SimpleFormatter FILLED = new SimpleFormatter();

    private LogLine() {}

    /** Time, level, room and text on a line; an error's trace below. */
    public static String of(LogRecord entry) {
        String line = entry.getInstant().truncatedTo(ChronoUnit.MILLIS) + " "
                + entry.getLevel().getName() + " " + entry.getLoggerName() + " " + message(entry);
        Throwable thrown = entry.getThrown();
        if (thrown == null) {
            return line;
        }
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        return line + System.lineSeparator() + trace.toString().stripTrailing();
    }

    /** The text with its parameters filled in. */
    public static String message(LogRecord entry) {
        return FILLED.formatMessage(entry);
    }
}

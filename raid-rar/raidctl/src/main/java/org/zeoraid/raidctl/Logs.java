package org.zeoraid.raidctl;

import java.util.List;
import java.util.Locale;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the rooms log: for commands, warnings and worse on the standard error, a line each. */
public final class Logs {

    private Logs() {}

    /** To be called before anything logs. */
    static void install() {
        System.setProperty("java.util.logging.manager", Patient.class.getName());
    }

    /** Logs from a level on to the standard error. */
    static void quiet(Level level) {
        to(level, List.of(new Lines()));
    }

    /** Logs from a level on through handlers, each of which may be choosier, and nowhere else. */
    public static void to(Level level, List<Handler> handlers) {
        Logger root = LogManager.getLogManager().getLogger("");
        for (Handler other : root.getHandlers()) {
            root.removeHandler(other);
            other.close();
        }
        root.setLevel(level);
        handlers.forEach(root::addHandler);
    }

    /** Does not drop its handlers while the process ends: what is closed then may have something to say. */
    public static final class Patient extends LogManager {
        @Override
        public void reset() {
            // The handlers write through and need no closing.
        }
    }

    private static final class Lines extends Handler {
        @Override
        public void publish(LogRecord entry) {
            if (isLoggable(entry)) {
                System.err.println("raidctl: " + entry.getLevel().getName().toLowerCase(Locale.ROOT) + ": "
                        + LogLine.message(entry));
            }
        }

        @Override
        public void flush() {
            System.err.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }
}

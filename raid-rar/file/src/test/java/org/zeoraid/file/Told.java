package org.zeoraid.file;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What this room writes into the log, at some level and above, until it is closed. */
final class Told extends Handler implements AutoCloseable {

    private final Logger logger = Logger.getLogger("org.zeoraid.file");
    private final Level before = logger.getLevel();
    private final List<LogRecord> lines = new CopyOnWriteArrayList<>();

    Told(Level level) {
        logger.setLevel(level);
        logger.addHandler(this);
    }

    List<LogRecord> lines() {
        return lines;
    }

    @Override
    public void publish(LogRecord line) {
        lines.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setLevel(before);
    }
}

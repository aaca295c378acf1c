package org.zeoraid.array;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.CRC32C;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.Environment;

/**
 * What happened to an array, kept over restarts. Two text files in the state directory, {@code events.log} and, before it,
 * {@code events.1.log}; the newer one takes the place of the older when it has grown to {@value #LARGEST} bytes. A line
 * is, separated by tabs: CRC-32C of the rest of the line (8 hexadecimal digits), number, time (ISO 8601), severity,
 * member, kind, text; backslash, tab and line ends are written as {@code \\}, {@code \t}, {@code \n}, {@code \r}. Lines that a
 * crash tore are left out when it is read.
 *
 * <p>An event that cannot be written is still shown until the process ends: the log must never stop the array. Safe for
 * any number of threads; writing happens on a worker.
 */
final class EventLog implements AutoCloseable {

    static final int LARGEST = 512 * 1024;
    private static final int KEPT = 5000;
    private static final Logger LOG = System.getLogger("org.zeoraid.array");

    private final Environment environment;
    private final Path folder;
    private final String array;
    private final Environment.Worker worker;
    private final Deque<ArrayEvent> events = new ArrayDeque<>();
    private long lastNumber;
    private long size;
    private boolean failing;
    private boolean ended;

    private EventLog(Environment environment, Path folder, String array) {
        this.environment = environment;
        this.folder = folder;
        this.array = array;
        this.worker = environment.worker("events-" + array);
    }

    /** Opens the log of a state directory, which exists, and reads what is there. What cannot be read is left out. */
    static EventLog open(Environment environment, Path folder, String array) {
        EventLog log = new EventLog(environment, folder, array);
        log.readAll();
        return log;
    }

    /** Numbers an event, shows it at once and writes it soon. */
    ArrayEvent add(ArrayEvent.Severity severity, String member, String kind, String text) {
        Instant now = environment.clock().instant();
        ArrayEvent event;
        synchronized (events) {
            event = new ArrayEvent(++lastNumber, now, severity, member, kind, text);
            remember(event);
            // Queued under the lock, so that lines stand in the order of their numbers.
            if (!ended) {
                worker.execute(() -> write(event));
            }
        }
        return event;
    }

    /** Events with numbers greater than {@code after}, oldest first, the newest {@code limit} of them. */
    List<ArrayEvent> after(long after, int limit) {
        synchronized (events) {
            List<ArrayEvent> found =
                    events.stream().filter(e -> e.number() > after).toList();
            return List.copyOf(found.subList(Math.max(0, found.size() - Math.max(0, limit)), found.size()));
        }
    }

    /** Waits until everything is written. */
    @Override
    public void close() {
        worker.close();
    }

    /** Ends, in the background: complete when everything is written. Later events are shown and not written. */
    CompletionStage<Void> end() {
        CompletableFuture<Void> written = new CompletableFuture<>();
        synchronized (events) {
            ended = true;
            try {
                worker.execute(() -> {
                    worker.close();
                    written.complete(null);
                });
            } catch (RejectedExecutionException e) {
                written.complete(null);
            }
        }
        return written;
    }

    private Path newer() {
        return folder.resolve("events.log");
    }

    private Path older() {
        return folder.resolve("events.1.log");
    }

    private void remember(ArrayEvent event) {
        events.addLast(event);
        if (events.size() > KEPT) {
            events.removeFirst();
        }
    }

    private void readAll() {
        synchronized (events) {
            for (Path file : List.of(older(), newer())) {
                for (String line : lines(file)) {
                    parse(line).filter(e -> e.number() > lastNumber).ifPresent(event -> {
                        lastNumber = event.number();
                        remember(event);
                    });
                }
            }
        }
    }

    private List<String> lines(Path file) {
        if (!environment.disk().exists(file)) {
            return List.of();
        }
        try (DiskFile open = environment.disk().openForReading(file)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(open.size(), 4L * LARGEST));
            open.read(buffer, 0);
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            if (file.equals(newer())) {
                size = open.size();
            }
            return new ArrayList<>(List.of(text.split("\n")));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "array " + array + ": earlier events cannot be read from " + file, e);
            return List.of();
        }
    }

    private void write(ArrayEvent event) {
        try {
            if (size >= LARGEST) {
                environment.disk().rename(newer(), older());
                environment.disk().syncFolder(folder);
                size = 0;
            }
            // A line begins with a line end: what a torn line before it left behind does not reach into it.
            byte[] bytes = ("\n" + format(event) + "\n").getBytes(StandardCharsets.UTF_8);
            boolean isNew = !environment.disk().exists(newer());
            try (DiskFile open = environment.disk().open(newer())) {
                open.write(ByteBuffer.wrap(bytes), size);
                open.sync();
            }
            if (isNew) {
                environment.disk().syncFolder(folder);
            }
            size += bytes.length;
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                String text = "array " + array + ": events cannot be written to " + newer() + ": " + e.getMessage();
                LOG.log(Level.WARNING, text);
            }
            failing = true;
        }
    }

    private static String format(ArrayEvent event) {
        String rest = event.number() + "\t" + event.time() + "\t" + event.severity() + "\t" + escape(event.member())
                + "\t" + escape(event.kind()) + "\t" + escape(event.text());
        return checksum(rest) + "\t" + rest;
    }

    private static Optional<ArrayEvent> parse(String line) {
        int tab = line.indexOf('\t');
        if (tab < 0 || !line.substring(0, tab).equals(checksum(line.substring(tab + 1)))) {
            return Optional.empty();
        }
        String[] part = line.split("\t", -1);
        if (part.length != 7) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ArrayEvent(
                    Long.parseLong(part[1]),
                    Instant.parse(part[2]),
                    ArrayEvent.Severity.valueOf(part[3]),
                    unescape(part[4]),
                    unescape(part[5]),
                    unescape(part[6])));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String checksum(String rest) {
        CRC32C crc = new CRC32C();
        crc.update(rest.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char next = text.charAt(++i);
            plain.append(next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next);
        }
        return plain.toString();
    }
}

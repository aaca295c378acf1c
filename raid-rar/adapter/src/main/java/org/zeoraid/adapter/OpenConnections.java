package org.zeoraid.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * The connections to an array that applications have open: to say where those were opened that nobody closes. Servers keep such
 * ones, and in the end say only that they have no more. Safe for any number of threads.
 */
final class OpenConnections {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final Duration PAUSE = Duration.ofMinutes(1);
    /** A connection is named that was unused at so many looks in a row. */
    static final int PATIENCE = 10;

    private static final int PLACES = 5;

    private final String array;
    private final Timeouts timeouts;
    private final Set<ConnectionHandle> open = ConcurrentHashMap.newKeySet();
    /** How many were left open until the server ended them, by where they were opened. */
    private final Map<String, Long> ended = new ConcurrentHashMap<>();

    private final AtomicBoolean isShortageTold = new AtomicBoolean();

    /** @param array its name */
    OpenConnections(String array, Timeouts timeouts) {
        this.array = array;
        this.timeouts = timeouts;
    }

    void add(ConnectionHandle handle) {
        open.add(handle);
    }

    void remove(ConnectionHandle handle) {
        open.remove(handle);
    }

    /** The server has ended one that was open: the first of each place is named, the second, the fourth and so on. */
    void endedOpen(Opening opening) {
        long times = ended.merge(opening.place(), 1L, Long::sum);
        if (Long.bitCount(times) == 1) {
            LOG.log(
                    Level.WARNING,
                    "array " + array + ": a connection was not closed by the application that opened it"
                            + (times == 1 ? "" : " (" + times + " by now)") + ", " + opening);
        }
    }

    /** Looks once a minute from now on. */
    void watch() {
        timeouts.in(PAUSE, () -> {
            look();
            watch();
        });
    }

    /** Names those that have not been used for some time now. */
    void look() {
        isShortageTold.set(false);
        List<ConnectionHandle> unused =
                open.stream().filter(handle -> handle.looked() == PATIENCE).toList();
        if (!unused.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "array " + array + ": connections that applications have left open and not used for "
                            + PAUSE.multipliedBy(PATIENCE).toMinutes() + " minutes: " + told(places(unused)));
        }
    }

    /**
     * The server has not given a connection: names those that are open, at the most once between two looks, and those that it has
     * ended. Some servers do not have these in their pool again.
     */
    void notGiven(String reason) {
        if ((!open.isEmpty() || !ended.isEmpty()) && isShortageTold.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "array " + array + ": the server gives no connection (" + reason + "); open by applications are "
                            + told(places(open))
                            + (ended.isEmpty() ? "" : "\nleft open until the server ended them were " + told(ended)));
        }
    }

    private static Map<String, Long> places(Collection<ConnectionHandle> handles) {
        return handles.stream()
                .map(handle -> handle.opening().place())
                .collect(Collectors.groupingBy(place -> place, Collectors.counting()));
    }

    /** How many there are, and where most of them were opened. */
    private static String told(Map<String, Long> places) {
        long all = places.values().stream().mapToLong(Long::longValue).sum();
        return places.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(PLACES)
                .map(entry -> "\n" + entry.getValue() + " opened" + entry.getKey())
                .collect(Collectors.joining("", Long.toString(all), ""));
    }
}

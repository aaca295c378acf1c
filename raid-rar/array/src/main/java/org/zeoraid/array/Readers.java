package org.zeoraid.array;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members that have every acknowledged transaction, and which of them a read goes to. Who they are does not change; where
 * reads go is looked at anew with each tick, and when a member was late. Safe for any number of threads.
 */
final class Readers {

    /** Nanoseconds by which members may differ without being avoided. */
    private static final long TOLERANCE = 20_000;

    /** Oids that differ in their last bits only are read from the same member. */
    private static final int RANGE_BITS = 12;

    /** So many objects in a row are read from the same member. */
    static final long RANGE = 1L << RANGE_BITS;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int ROUTE_BITS = 6;
    private static final Seat[] NOWHERE = {};

    private final List<Seat> preferred;
    private final List<Seat> all;

    /** The member for each part of all ranges; empty if no read may be held up by any. */
    private volatile Seat[] routes = NOWHERE;

    /** @param seats write-mostly ones are asked when no other is there */
    Readers(List<Seat> seats) {
        List<Seat> first =
                seats.stream().filter(s -> !s.member().isWriteMostly()).toList();
        List<Seat> last = seats.stream().filter(s -> s.member().isWriteMostly()).toList();
        this.preferred = first.isEmpty() ? last : first;
        this.all = Stream.concat(first.stream(), last.stream()).toList();
        reroute();
    }

    /**
     * The member for a read by a thread that may be held up by it. Reads of one range of oids go to the same member while it is
     * about as good as another: each then keeps its own share of the database in its caches, instead of all keeping everything.
     * Single oids would not do: neighbours share a page, which every member would keep then.
     *
     * @return null if there is none, or reads hang in all of them
     */
    @Nullable Seat choose(long key) {
        Seat[] now = routes;
        return now.length == 0 ? null : now[(int) ((key >>> RANGE_BITS) * GOLDEN >>> (64 - ROUTE_BITS))];
    }

    /** Looks anew for the best members. */
    void reroute() {
        List<Seat> usable = usable();
        if (usable.isEmpty()) {
            routes = NOWHERE;
            return;
        }
        // Looked at once: they change meanwhile.
        long[] costs = usable.stream().mapToLong(Seat::cost).toArray();
        long bearable = 2 * LongStream.of(costs).min().orElse(0) + TOLERANCE;
        List<Seat> good = IntStream.range(0, costs.length)
                .filter(i -> costs[i] <= bearable)
                .mapToObj(usable::get)
                .toList();
        Seat[] next = new Seat[1 << ROUTE_BITS];
        for (int i = 0; i < next.length; i++) {
            Seat usual = preferred.get(i * preferred.size() >>> ROUTE_BITS);
            next[i] = good.contains(usual) ? usual : good.get(i % good.size());
        }
        if (!Arrays.equals(next, routes)) {
            routes = next;
        }
    }

    private List<Seat> usable() {
        List<Seat> usable = preferred.stream().filter(s -> !s.isHanging()).toList();
        return usable.isEmpty() ? all.stream().filter(s -> !s.isHanging()).toList() : usable;
    }

    /** A member that is none of these, if possible one in which no read hangs; null if there is none. */
    @Nullable Seat butNot(List<Seat> tried) {
        Seat last = null;
        for (Seat seat : all) {
            if (tried.contains(seat)) {
                continue;
            }
            if (!seat.isHanging()) {
                return seat;
            }
            last = last == null ? seat : last;
        }
        return last;
    }

    /** Those that reads go to by preference come first. */
    List<Seat> all() {
        return all;
    }

    @Nullable Seat numbered(int number) {
        for (Seat seat : all) {
            if (seat.number() == number) {
                return seat;
            }
        }
        return null;
    }
}

package org.zeoraid.array;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The members that have every acknowledged transaction, and which of them a read goes to. Immutable. */
final class Readers {

    /** Nanoseconds by which members may differ without being avoided. */
    private static final long TOLERANCE = 20_000;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final Seat[] seats;
    private final int preferred;

    /** @param seats write-mostly ones are asked when no other is there */
    Readers(List<Seat> seats) {
        List<Seat> first =
                seats.stream().filter(s -> !s.member().isWriteMostly()).toList();
        List<Seat> last = seats.stream().filter(s -> s.member().isWriteMostly()).toList();
        this.seats = Stream.concat(first.stream(), last.stream()).toArray(Seat[]::new);
        this.preferred = first.isEmpty() ? this.seats.length : first.size();
    }

    /**
     * The member for a read. Reads of one object go to the same member while it is about as good as another: each then
     * keeps its own share of the database in its caches, instead of all keeping everything.
     *
     * @return null if there is none
     */
    @Nullable Seat choose(long key) {
        if (preferred <= 1) {
            return preferred == 0 ? null : seats[0];
        }
        int index = (int) (((key * GOLDEN) >>> 33) % preferred);
        Seat usual = seats[index];
        Seat other = seats[index + 1 == preferred ? 0 : index + 1];
        return usual.cost() > 2 * other.cost() + TOLERANCE ? other : usual;
    }

    /** The first member that is none of these; null if there is none. */
    @Nullable Seat butNot(List<Seat> tried) {
        for (Seat seat : seats) {
            if (!tried.contains(seat)) {
                return seat;
            }
        }
        return null;
    }

    List<Seat> all() {
        return List.of(seats);
    }

    @Nullable Seat numbered(int number) {
        for (Seat seat : seats) {
            if (seat.number() == number) {
                return seat;
            }
        }
        return null;
    }
}

package org.zeoraid.array;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/**
 * Finds members in which reads hang in the very thread that asks. Nobody else is sent there from the fifth tick on, and the
 * other members are asked for the same object. If another one answers that, and the read still hangs when an answer is
 * overdue, the member is taken out; if none does, nobody is blamed. Belongs to the tick.
 */
final class HungReads {

    /** A read that lasts for so many ticks is odd. */
    private static final int ODD = 5;

    private final DataPath path;
    private final Map<Seat, Case> cases = new HashMap<>();

    HungReads(DataPath path) {
        this.path = path;
    }

    /** The read that hangs longest in a member. */
    private static final class Case {
        private final int since;
        private final long oid;
        private final Set<Seat> asked = new HashSet<>();
        private volatile boolean answeredElsewhere;

        Case(int since, long oid) {
            this.since = since;
            this.oid = oid;
        }

        boolean isOlderThan(Case other) {
            return since - other.since < 0;
        }
    }

    void tick(Readers readers, int now) {
        Map<Seat, Case> found = new HashMap<>();
        path.slots().look((slot, number, since, oid) -> {
            Seat seat = readers.numbered(number);
            if (seat == null) {
                // Whoever is still held up by a member that has left must not hide what else is read by the same slot.
                path.slots().leave(slot);
            } else if (now - since >= ODD) {
                found.merge(seat, new Case(since, oid), (one, other) -> one.isOlderThan(other) ? one : other);
            }
        });
        cases.keySet().retainAll(found.keySet());
        readers.all().forEach(seat -> seat.hangs(found.containsKey(seat)));
        found.forEach((seat, fresh) -> {
            Case known = cases.merge(seat, fresh, (old, other) -> old.since == other.since ? old : other);
            if (known.answeredElsewhere && now - known.since > path.patience().of(Pace.QUICK)) {
                path.lane()
                        .expelReader(
                                seat,
                                "a read hangs here, and another member has answered the same",
                                Seat.Fault.SERVICE);
            } else {
                askOthers(readers, known);
            }
        });
    }

    private void askOthers(Readers readers, Case hanging) {
        for (Seat other : readers.all()) {
            if (!other.isHanging() && hanging.asked.add(other)) {
                path.ask(
                                other,
                                DataPath.Where.ASIDE,
                                Pace.QUICK,
                                hanging.oid,
                                log -> log.loadBefore(new Oid(hanging.oid), Tid.MAX))
                        .whenComplete((found, failure) -> {
                            if (failure == null || Failures.cause(failure) instanceof ObjectNotFoundException) {
                                hanging.answeredElsewhere = true;
                            }
                        });
            }
        }
    }
}

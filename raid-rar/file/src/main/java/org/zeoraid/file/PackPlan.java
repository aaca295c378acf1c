package org.zeoraid.file;

import java.util.Arrays;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.ReferenceScanner;

/**
 * Decides what a pack keeps of the transactions up to the pack time: each object's revision that was current then, and
 * revisions that later records link to. With garbage collection only objects count that can be reached from the root as
 * it was then, from a revision that is linked to, or from anything written later, as far as later transactions count: up to the
 * end of the log as the pack finds it, or to a transaction that was decided on for several logs.
 *
 * <p>The last is more than ZODB's own pack keeps: an object that nothing referenced at the pack time, and something does
 * again, is lost by it. And where a revision stays only because it is linked to, the object's state at the pack time
 * stays too, its deletion included. In everything else the choice is the same.
 */
final class PackPlan {

    /** What a pack takes of memory for each object: 22 bytes here, and later 25 for the index of the new file. */
    private static final long BYTES_AN_OBJECT = 48;

    /** And for whatever else it has at hand. */
    private static final long BYTES_BESIDES = 16 << 20;

    /** Stops a pack, by throwing, when it is to be stopped. */
    interface Check {
        void check();
    }

    private final Generation log;
    private final Generation.Tail tail;
    private final long upTo;
    /** Later transactions behind this one do not count. */
    private final long laterUpTo;

    private final boolean decided;
    private final Check check;

    /** The objects of the pack time, and their revisions then. Marked: they are reached. */
    private final LongMap objects;
    /** Where the other objects of that time were deleted, or un-created. */
    private final LongMap gone = new LongMap();
    /** Positions of further revisions that are kept, with a value of the user's own. */
    private final LongMap linked = new LongMap();

    private final ReferenceScanner scanner = new ReferenceScanner();
    private final RecordReader reader = new RecordReader();
    private long[] todo = new long[1024];
    private int todoSize;
    private long packEnd;
    private long planEnd;
    private long packTid;
    private boolean repeated;
    private boolean collecting;
    private String note = "";

    private PackPlan(Generation log, Generation.Tail tail, PackRequest request, Check check) {
        this.log = log;
        this.tail = tail;
        this.objects = new LongMap(log.objects().size());
        this.upTo = request.upTo().value();
        this.decided = request.isDecided();
        this.laterUpTo = decided ? request.laterUpTo().value() : tail.highestTid();
        this.check = check;
    }

    /**
     * Makes the plan.
     *
     * @param tail the end of the log, up to where later transactions are looked at if nothing else was decided
     * @throws org.zeoraid.storage.CorruptedException if anything is damaged that is to be read
     */
    static PackPlan make(Generation log, Generation.Tail tail, PackRequest request, Check check) {
        PackPlan plan = new PackPlan(log, tail, request, check);
        plan.findRevisions();
        if (!plan.repeated) {
            plan.collecting = request.garbage() == PackRequest.Garbage.COLLECT;
            if (plan.collecting && !plan.objects.mark(Oid.ROOT.value())) {
                plan.keepGarbage("garbage was kept: there is no root object");
            }
            plan.findLinks();
            plan.findReachable();
        }
        return plan;
    }

    /** About how many bytes of memory it takes to pack a log. */
    static long memory(Generation log) {
        return log.objects().size() * BYTES_AN_OBJECT + BYTES_BESIDES;
    }

    /** Where the first transaction begins that is later than the pack time. */
    long packEnd() {
        return packEnd;
    }

    /** Where the first transaction begins that does not count. */
    long planEnd() {
        return planEnd;
    }

    /** What has to be asked of another log, so that it forgets the same. */
    PackRequest decided() {
        PackRequest.Garbage garbage = collecting ? PackRequest.Garbage.COLLECT : PackRequest.Garbage.KEEP;
        return new PackRequest(new Tid(upTo), garbage, new Tid(laterUpTo));
    }

    /** The tid of the last transaction before that. */
    long packTid() {
        return packTid;
    }

    /** Whether what lies before the pack time has been packed to a later time already, so that it is not whole. */
    boolean isRepeated() {
        return repeated;
    }

    /** For the admin; may be blank. */
    String note() {
        return note;
    }

    boolean isKept(long oid, long position) {
        return objects.get(oid) == position && (!collecting || objects.isMarked(oid)) || linked.get(position) != 0;
    }

    /** Positions of revisions that later records link to; the values are the user's, other than 0. */
    LongMap linked() {
        return linked;
    }

    /**
     * Whether a transaction that was written after this plan had been made is at odds with it: it counts, as was decided
     * elsewhere, where it had been written before.
     */
    boolean isUpset(TransactionHead later) {
        return decided && later.position() >= planEnd && Long.compareUnsigned(later.tid(), laterUpTo) <= 0;
    }

    /**
     * Whether a record that was written after this plan had been made is at odds with it: it may reference what is to be
     * dropped. What was decided elsewhere, and carried out there, is not reconsidered.
     */
    boolean isUpset(byte[] data) {
        if (!collecting || decided) {
            return false;
        }
        boolean[] upset = {false};
        boolean readable = scanner.scan(data, oid -> upset[0] |= objects.get(oid) != 0 && !objects.isMarked(oid));
        return upset[0] || !readable;
    }

    private void findRevisions() {
        LogScan scan = new LogScan(log.log(), Format.START, tail.end());
        boolean allPacked = true;
        packEnd = Format.START;
        while (scan.nextTransaction()) {
            check.check();
            TransactionHead head = scan.head();
            if (Long.compareUnsigned(head.tid(), upTo) > 0) {
                repeated = allPacked && head.isPacked();
                return;
            }
            packEnd = head.end();
            packTid = head.tid();
            allPacked &= head.isPacked();
            if (head.status() == Format.UNDONE) {
                continue;
            }
            while (scan.nextRecord()) {
                if (scan.dataLength() == 0 && scan.link() == 0) {
                    objects.remove(scan.oid());
                    gone.put(scan.oid(), scan.recordPosition());
                } else {
                    objects.put(scan.oid(), scan.recordPosition());
                    gone.remove(scan.oid());
                }
            }
        }
    }

    private void findLinks() {
        planEnd = packEnd;
        LogScan scan = new LogScan(log.log(), packEnd, tail.end());
        while (scan.nextTransaction() && Long.compareUnsigned(scan.head().tid(), laterUpTo) <= 0) {
            check.check();
            planEnd = scan.head().end();
            if (scan.head().status() == Format.UNDONE) {
                continue;
            }
            while (scan.nextRecord()) {
                if (scan.link() != 0 && scan.link() < packEnd) {
                    keepLinked(scan.oid(), scan.link());
                } else if (collecting && scan.dataLength() > 0) {
                    reachFrom(scan.oid(), scan.data());
                }
            }
        }
    }

    /** Keeps a revision, and what became of the object after it: or the revision would seem to be the current one. */
    private void keepLinked(long oid, long position) {
        if (linked.get(position) == 0) {
            linked.put(position, -1);
            reachFrom(oid, position);
            if (gone.get(oid) != 0) {
                linked.put(gone.get(oid), -1);
            } else if (collecting) {
                reach(oid);
            }
        }
    }

    private void findReachable() {
        if (collecting) {
            push(Oid.ROOT.value());
        }
        while (collecting && todoSize > 0) {
            check.check();
            long oid = todo[--todoSize];
            reachFrom(oid, objects.get(oid));
        }
        // What cannot be reached may be somebody's who keeps oids elsewhere, if it is no pickle.
        objects.forEachUnmarked((oid, position) -> {
            if (collecting) {
                check.check();
                reader.read(log.log(), position, oid);
                byte[] data = log.content(reader, oid, 0);
                if (data != null && !scanner.scan(data, reference -> {})) {
                    opaque(oid, scanner.problem());
                }
            }
        });
        todo = new long[0];
    }

    private void reachFrom(long oid, long position) {
        if (collecting) {
            reader.read(log.log(), position, oid);
            byte[] data = log.content(reader, oid, 0);
            if (data != null) {
                reachFrom(oid, data);
            }
        }
    }

    private void reachFrom(long oid, byte[] data) {
        if (!scanner.scan(data, this::reach)) {
            opaque(oid, scanner.problem());
        }
    }

    private void reach(long oid) {
        if (objects.mark(oid)) {
            push(oid);
        }
    }

    private void push(long oid) {
        if (todoSize == todo.length) {
            todo = Arrays.copyOf(todo, todoSize * 2);
        }
        todo[todoSize++] = oid;
    }

    private void opaque(long oid, String problem) {
        keepGarbage("garbage was kept: the references of object " + new Oid(oid) + " cannot be read (" + problem + ")");
    }

    private void keepGarbage(String why) {
        if (collecting) {
            collecting = false;
            note = why;
        }
    }

    @Override
    public String toString() {
        return log.log().path() + " packed to " + new Tid(upTo);
    }
}

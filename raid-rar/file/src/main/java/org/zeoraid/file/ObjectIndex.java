package org.zeoraid.file;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * For each object the position of its latest record, and that record's checksum: open addressing in many small tables
 * that grow one at a time, by a quarter, so that 20 bytes a slot stay below 32 bytes an object whatever the oids are.
 *
 * <p>One thread writes, any number read without locks. A reader may see an object's new position with its old checksum,
 * so a checksum that does not fit decides nothing: {@link Checksums} has the last word.
 */
final class ObjectIndex {

    private static final int TABLE_BITS = 9;
    private static final int SMALLEST = 8;
    private static final VarHandle POSITIONS = MethodHandles.arrayElementVarHandle(long[].class);

    /** In place of a position: there is no such object (any more). */
    private static final long REMOVED = -1;

    private final AtomicReferenceArray<Table> tables = new AtomicReferenceArray<>(1 << TABLE_BITS);
    private final AtomicLong objects = new AtomicLong();
    private volatile long largestOid;

    /** @param expected how many objects will be put in */
    ObjectIndex(long expected) {
        int each = (int) Math.max(SMALLEST, (expected >>> TABLE_BITS) * 5 / 4);
        for (int i = 0; i < tables.length(); i++) {
            tables.setPlain(i, new Table(each));
        }
    }

    /** How many objects are known, gone ones included. */
    long size() {
        return objects.get();
    }

    /** The largest oid that ever was put in, 0 if none was. */
    long largestOid() {
        return largestOid;
    }

    /** The position of an object's latest record, 0 if there is no such object. */
    long find(long oid) {
        long hash = hash(oid);
        Table table = tables.getAcquire(number(hash));
        int slot = table.slotOf(oid, hash);
        long position = (long) POSITIONS.getAcquire(table.positions, slot);
        return Math.max(position, 0);
    }

    /** The same, and the checksum goes to {@link RecordReader#indexedChecksum}. */
    long find(long oid, RecordReader reader) {
        long hash = hash(oid);
        Table table = tables.getAcquire(number(hash));
        int slot = table.slotOf(oid, hash);
        long position = (long) POSITIONS.getAcquire(table.positions, slot);
        reader.indexedChecksum = table.checksums[slot];
        return Math.max(position, 0);
    }

    /** @param checksum 0 if it is not known */
    void put(long oid, long position, int checksum) {
        long hash = hash(oid);
        int number = number(hash);
        Table table = tables.getPlain(number);
        int slot = table.slotOf(oid, hash);
        long before = table.positions[slot];
        if (before == 0 && table.isFull()) {
            table = table.grown();
            tables.setRelease(number, table);
            slot = table.slotOf(oid, hash);
        }
        if (before <= 0) {
            objects.incrementAndGet();
        }
        table.set(slot, oid, position, checksum);
        if (Long.compareUnsigned(oid, largestOid) > 0) {
            largestOid = oid;
        }
    }

    /** Forgets an object, if there is one. */
    void remove(long oid) {
        long hash = hash(oid);
        Table table = tables.getPlain(number(hash));
        int slot = table.slotOf(oid, hash);
        if (table.positions[slot] > 0) {
            table.set(slot, oid, REMOVED, 0);
            objects.decrementAndGet();
        }
    }

    /** Tells all objects in no order; those that are put in meanwhile may be missed or be told with either position. */
    void forEach(Visitor visitor) {
        for (int i = 0; i < tables.length(); i++) {
            Table table = tables.getAcquire(i);
            for (int slot = 0; slot < table.positions.length; slot++) {
                long position = (long) POSITIONS.getAcquire(table.positions, slot);
                if (position > 0) {
                    visitor.object(table.oids[slot], position, table.checksums[slot]);
                }
            }
        }
    }

    /** Bytes of memory taken, without those of a few objects around the tables. */
    long bytes() {
        long bytes = 0;
        for (int i = 0; i < tables.length(); i++) {
            bytes += tables.getAcquire(i).positions.length * 20L + 96;
        }
        return bytes;
    }

    /** Told of an object. */
    interface Visitor {
        void object(long oid, long position, int checksum);
    }

    private static long hash(long oid) {
        long mixed = oid * 0x9E3779B97F4A7C15L;
        mixed ^= mixed >>> 32;
        return mixed * 0xD6E8FEB86659FD93L;
    }

    private static int number(long hash) {
        return (int) (hash >>> (64 - TABLE_BITS));
    }

    private static final class Table {

        /** Slots are taken where the position is not 0; an oid, once there, stays in its slot. */
        final long[] positions;

        final long[] oids;
        final int[] checksums;
        private int taken;

        Table(int slots) {
            positions = new long[slots];
            oids = new long[slots];
            checksums = new int[slots];
        }

        /** The object's slot, or the free one where it would go. */
        int slotOf(long oid, long hash) {
            int slot = (int) ((((hash << TABLE_BITS) >>> 32) * positions.length) >>> 32);
            while (true) {
                if ((long) POSITIONS.getAcquire(positions, slot) == 0 || oids[slot] == oid) {
                    return slot;
                }
                slot = slot + 1 == positions.length ? 0 : slot + 1;
            }
        }

        boolean isFull() {
            return taken >= positions.length - Math.max(1, positions.length >>> 3);
        }

        void set(int slot, long oid, long position, int checksum) {
            if (positions[slot] == 0) {
                taken++;
            }
            oids[slot] = oid;
            checksums[slot] = checksum;
            POSITIONS.setRelease(positions, slot, position);
        }

        Table grown() {
            Table larger = new Table(positions.length + Math.max(SMALLEST / 2, positions.length >>> 2));
            for (int slot = 0; slot < positions.length; slot++) {
                if (positions[slot] > 0) {
                    long oid = oids[slot];
                    larger.set(larger.slotOf(oid, hash(oid)), oid, positions[slot], checksums[slot]);
                }
            }
            return larger;
        }
    }
}

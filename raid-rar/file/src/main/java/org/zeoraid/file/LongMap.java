package org.zeoraid.file;

/**
 * A map from numbers to numbers other than 0, in 16 bytes a slot, three of four taken at the most, whose entries can be
 * marked. For one thread.
 */
final class LongMap {

    private static final int SMALLEST = 64;

    /** In place of a value: the entry was removed. */
    private static final long REMOVED = Long.MIN_VALUE;

    private long[] keys;
    private long[] values;
    private long[] marks;
    private int taken;
    private int size;

    LongMap() {
        this(0);
    }

    /** @param expected how many entries it will have: up to there it does not grow */
    LongMap(long expected) {
        int slots = Math.toIntExact(Math.max(SMALLEST, expected + expected / 3 + 2));
        keys = new long[slots];
        values = new long[slots];
        marks = new long[marks(slots)];
    }

    private static int marks(int slots) {
        return (slots + 63) / 64;
    }

    int size() {
        return size;
    }

    /** The value of a key, 0 if there is none. */
    long get(long key) {
        long value = values[slot(key)];
        return value == REMOVED ? 0 : value;
    }

    void put(long key, long value) {
        int slot = slot(key);
        if (values[slot] == 0) {
            if (taken >= keys.length - (keys.length >>> 2)) {
                grow();
                slot = slot(key);
            }
            taken++;
            size++;
        } else if (values[slot] == REMOVED) {
            size++;
        }
        keys[slot] = key;
        values[slot] = value;
    }

    void remove(long key) {
        int slot = slot(key);
        if (values[slot] != 0 && values[slot] != REMOVED) {
            values[slot] = REMOVED;
            marks[slot >>> 6] &= ~(1L << slot);
            size--;
        }
    }

    /**
     * Marks an entry.
     *
     * @return false if there is no such entry, or if it was marked before
     */
    boolean mark(long key) {
        int slot = slot(key);
        long bit = 1L << slot;
        if (values[slot] == 0 || values[slot] == REMOVED || (marks[slot >>> 6] & bit) != 0) {
            return false;
        }
        marks[slot >>> 6] |= bit;
        return true;
    }

    boolean isMarked(long key) {
        int slot = slot(key);
        return (marks[slot >>> 6] & 1L << slot) != 0 && values[slot] != 0;
    }

    /** Tells all entries that are not marked, in no order. */
    void forEachUnmarked(Visitor visitor) {
        for (int slot = 0; slot < keys.length; slot++) {
            if (values[slot] != 0 && values[slot] != REMOVED && (marks[slot >>> 6] & 1L << slot) == 0) {
                visitor.entry(keys[slot], values[slot]);
            }
        }
    }

    /** Told of an entry. */
    interface Visitor {
        void entry(long key, long value);
    }

    private int slot(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        int slot = (int) (((hash ^ hash >>> 32) & 0xFFFFFFFFL) * keys.length >>> 32);
        while (values[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 == keys.length ? 0 : slot + 1;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        long[] oldMarks = marks;
        int capacity = size > oldKeys.length / 2 ? oldKeys.length * 2 : oldKeys.length;
        keys = new long[capacity];
        values = new long[capacity];
        marks = new long[marks(capacity)];
        taken = 0;
        size = 0;
        for (int slot = 0; slot < oldKeys.length; slot++) {
            if (oldValues[slot] != 0 && oldValues[slot] != REMOVED) {
                put(oldKeys[slot], oldValues[slot]);
                if ((oldMarks[slot >>> 6] & 1L << slot) != 0) {
                    mark(oldKeys[slot]);
                }
            }
        }
    }
}

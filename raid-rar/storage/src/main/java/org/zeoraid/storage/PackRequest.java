package org.zeoraid.storage;

/**
 * What a pack is to do: forget every revision that was no longer current at {@code upTo}. Logs with equal histories that are
 * asked the same, with {@code laterUpTo} given, forget the same, whenever each of them is packed.
 *
 * @param upTo the pack tid: the state as of this transaction, and all later history, is kept
 * @param garbage what is done with objects that cannot be reached from the root
 * @param laterUpTo what later transactions up to this one refer to is kept too; what those behind it refer to is not, and
 *     links become data. {@link Tid#MAX} leaves it to the log, which then sees to what is written while it packs
 */
public record PackRequest(Tid upTo, Garbage garbage, Tid laterUpTo) {

    /** What a pack does with objects that cannot be reached from the root. */
    public enum Garbage {
        /** Objects that nothing references are kept. */
        KEEP,
        /**
         * They are dropped, as ZODB does. Done only where it is safe: while any live record is not a pickle whose
         * references can be read, the pack keeps everything, and its result says so.
         */
        COLLECT
    }

    /** A pack that leaves it to the log which later transactions count. */
    public PackRequest(Tid upTo, Garbage garbage) {
        this(upTo, garbage, Tid.MAX);
    }

    /** Whether it has been decided which later transactions count. */
    public boolean isDecided() {
        return !laterUpTo.equals(Tid.MAX);
    }

    public PackRequest with(Garbage other) {
        return new PackRequest(upTo, other, laterUpTo);
    }
}

package org.zeoraid.storage;

/**
 * What a pack is to do: forget every revision that was no longer current at {@code upTo}.
 *
 * @param upTo the pack tid: the state as of this transaction, and all later history, is kept
 * @param garbage what is done with objects that cannot be reached from the root
 */
public record PackRequest(Tid upTo, Garbage garbage) {

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
}

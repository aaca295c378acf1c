package org.zeoraid.storage;

/**
 * One object on which a transaction met another.
 *
 * @param committed the serial of the object now; {@link Tid#NONE} if there is no such object
 * @param based the serial that the change, or the check, was based on
 * @param data what the transaction wanted to store; empty for a check or a deletion
 * @param kind whether the object was written or only read
 */
public record Conflict(Oid oid, Tid committed, Tid based, byte[] data, Kind kind) {

    /** What the transaction did with the object. */
    public enum Kind {
        WRITE,
        READ
    }

    @Override
    public String toString() {
        return "object " + oid + ": " + (kind == Kind.WRITE ? "change" : "read") + " based on " + based + ", now at "
                + committed;
    }
}

package org.zeoraid.file;

/**
 * A reader lent to one who asks something of a generation, whose files stay open while it is out. Belongs to one thread at
 * a time.
 */
final class Lease implements AutoCloseable {

    private final Generation generation;
    private final Leases owner;
    private final RecordReader reader = new RecordReader();

    Lease(Generation generation, Leases owner) {
        this.generation = generation;
        this.owner = owner;
    }

    Generation generation() {
        return generation;
    }

    RecordReader reader() {
        return reader;
    }

    /** Gives it back, once. */
    @Override
    public void close() {
        owner.giveBack(this);
    }
}

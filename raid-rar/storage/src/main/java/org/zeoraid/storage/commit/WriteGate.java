package org.zeoraid.storage.commit;

/**
 * Asked whether something may be written now: when a transaction begins, votes and finishes, and before a pack. Called
 * from any thread, often; must answer at once.
 */
@FunctionalInterface
public interface WriteGate {

    /** Lets everything pass. */
    WriteGate OPEN = () -> {};

    /**
     * Returns if it may.
     *
     * @throws org.zeoraid.storage.ReadOnlyException if reading goes on and writing does not
     * @throws org.zeoraid.storage.ArrayFailedException if nothing goes on
     */
    void check();
}

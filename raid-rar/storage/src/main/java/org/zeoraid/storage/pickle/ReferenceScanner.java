package org.zeoraid.storage.pickle;

import java.util.function.LongConsumer;

/**
 * Finds the references in object records, one record after the other, without allocating anything for each. For one
 * thread at a time.
 */
public final class ReferenceScanner {

    private final PickleMachine machine = new PickleMachine();
    private String problem = "";

    /**
     * Reads a record as ZODB's {@code ZODB.serialize.referencesf} does: two pickles, one behind the other, for the class and the state.
     *
     * @param references told the oid of each reference as {@link References.Found} lists them; of an opaque record it
     *     may have been told some
     * @return false if the record is opaque; {@link #problem} says why
     */
    public boolean scan(byte[] data, LongConsumer references) {
        try {
            machine.start(data, references);
            machine.runPickle();
            machine.runPickle();
            machine.checkEnd();
            return true;
        } catch (OpaqueException e) {
            problem = e.problem();
            return false;
        }
    }

    /** Why the last opaque record was that. */
    public String problem() {
        return problem;
    }
}

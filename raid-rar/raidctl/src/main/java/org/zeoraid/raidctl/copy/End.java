package org.zeoraid.raidctl.copy;

import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Tid;

/** One end of a copy, open. One thread at a time. */
interface End extends AutoCloseable {

    /** What is there. */
    ReadableStorage content();

    /**
     * Writes a transaction as it is, behind the last one.
     *
     * @param previous the last one, {@link Tid#NONE} if it is empty
     * @return completes when it is durable, in the order of the calls
     */
    CompletionStage<Void> append(Tid previous, CommittedTransaction transaction);

    /** How many transactions may be on their way at once. */
    int depth();

    @Override
    void close();
}

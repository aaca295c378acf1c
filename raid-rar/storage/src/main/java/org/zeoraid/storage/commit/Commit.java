package org.zeoraid.storage.commit;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/**
 * A voted transaction on its way into the log. All but its final fields belongs to the {@link CommitStream}.
 *
 * <p>It holds all that committing needs, and nothing of the conversation with the client that led to it.
 */
final class Commit {

    /** What is done when its fate is known. Called once; must not block. */
    interface Ending {
        /** Its locks, files and places are to be released: it was committed, or is not there and never will be. */
        void release();
    }

    final TransactionMeta meta;
    final TransactionStatus status;
    final Optional<Tid> ownTid;
    final BufferedTransaction.Changes changes;
    final StorageTransaction by;
    final CompletableFuture<Tid> outcome = new CompletableFuture<>();
    private final Ending ending;
    private final WriteGate gate;

    Tid tid = Tid.NONE;
    boolean answered;
    Optional<StorageException> failure = Optional.empty();

    Commit(
            TransactionMeta meta,
            TransactionStatus status,
            Optional<Tid> ownTid,
            BufferedTransaction.Changes changes,
            StorageTransaction by,
            Ending ending) {
        this(meta, status, ownTid, changes, by, ending, WriteGate.OPEN);
    }

    /** @param gate asked just before it is appended, for what only this one has to wait for */
    Commit(
            TransactionMeta meta,
            TransactionStatus status,
            Optional<Tid> ownTid,
            BufferedTransaction.Changes changes,
            StorageTransaction by,
            Ending ending,
            WriteGate gate) {
        this.meta = meta;
        this.status = status;
        this.ownTid = ownTid;
        this.changes = changes;
        this.by = by;
        this.ending = ending;
        this.gate = gate;
    }

    void check() {
        gate.check();
    }

    CommittedTransaction transaction() {
        return changes.under(new TransactionHeader(tid, status, meta, 0));
    }

    List<Oid> oids() {
        return changes.oids();
    }

    void release() {
        ending.release();
    }

    void succeed() {
        ending.release();
        outcome.complete(tid);
    }

    /** It is not in the log, and never will be. */
    void fail(StorageException why) {
        ending.release();
        outcome.completeExceptionally(why);
    }
}

package org.zeoraid.storage.contract;

import static org.zeoraid.storage.contract.Steps.await;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** What the parts of the contract of a member work with. */
interface LogHarness {

    /** The log under test, empty when a test begins. */
    TransactionLog log();

    /** Closes the log and opens it again; what it holds stays. */
    TransactionLog reopen();

    /** Whether blobs are kept. */
    boolean hasBlobs();

    /** Whether it is kept that a revision points at the data of an earlier one. */
    boolean keepsLinks();

    /** Whether {@code cutTail} and {@code setAside} can be done. */
    boolean canBeCut();

    /** Whether a pack does anything. */
    boolean hasPack();

    /** Whether a pack tells what it decided, and keeps to what others did. */
    boolean tellsPackDecisions();

    Tid FIRST = RandomHistory.START;

    /** A tid some milliseconds after another. */
    static Tid later(Tid tid, int by) {
        return new Tid(tid.value() + by * 100_000L);
    }

    static CommittedTransaction transaction(Tid tid, DataRecord... records) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.of("tester", "a change"), 0),
                List.of(records));
    }

    static DataRecord data(long oid, String text) {
        return new DataRecord(Steps.oid(oid), new Content.Data(Steps.bytes(text)));
    }

    /** Appends a transaction behind the last one, and waits for it to be durable. */
    default Tid append(Tid tid, DataRecord... records) {
        await(log().append(await(log().lastTid()), transaction(tid, records)));
        return tid;
    }

    /** Appends a whole history without waiting for one to be durable before the next. */
    static CompletionStage<Void> appendAll(TransactionLog log, Tid last, List<CommittedTransaction> history) {
        CompletionStage<Void> done = java.util.concurrent.CompletableFuture.completedFuture(null);
        Tid previous = last;
        for (CommittedTransaction transaction : history) {
            done = done.thenCombine(log.append(previous, transaction), (before, nothing) -> null);
            previous = transaction.tid();
        }
        return done;
    }
}

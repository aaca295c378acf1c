package org.zeoraid.zeo.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;

/** What is asked of a server of our own in other words than of Python's. */
interface Dialect {

    /** What tells the server's storage from all others, where it can be told. */
    Optional<String> identity();

    /** The last transaction that is there, where the server has told a tid as the last one. */
    CompletionStage<Tid> last(Tid told);

    CompletionStage<Tid> serial(Oid oid);

    CompletionStage<List<HistoryEntry>> history(Oid oid, int limit);

    CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit);

    CompletionStage<StorageStats> stats();

    CompletionStage<Tid> packedTo();

    /** Whether a transaction that is not there may have been there: a pack has gone beyond it. */
    CompletionStage<Boolean> isPacked(Tid gone);

    CompletionStage<PackResult> pack(PackRequest request);

    Cursor<TransactionHeader> headers(Tid from, Tid to);

    Cursor<CommittedTransaction> transactions(Tid from, Tid to);

    Cursor<TransactionDigest> digests(Tid from, Tid to);

    Cursor<CurrentRecord> currentRecords(Oid from);

    /** Whether whole transactions can be sent in batches. */
    boolean takesBatches();
}

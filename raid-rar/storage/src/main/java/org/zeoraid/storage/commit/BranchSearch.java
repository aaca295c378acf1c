package org.zeoraid.storage.commit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.zip.CRC32C;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;

/**
 * Finds out of the log itself whether a prepared transaction has been committed. From its vote until its end is noted nobody else
 * can write its objects, so if it is there, then as the first transaction after its vote that wrote any one of them. That
 * one is compared whole: who writes past the array must not pass for it.
 */
final class BranchSearch {

    private static final int FIRST_LOOK = 16;

    private final TransactionLog log;
    private final Tid after;
    private final TransactionMeta meta;
    private final BufferedTransaction.Changes changes;

    /** @param after the last transaction before its vote */
    BranchSearch(TransactionLog log, Tid after, TransactionMeta meta, BufferedTransaction.Changes changes) {
        this.log = log;
        this.after = after;
        this.meta = meta;
        this.changes = changes;
    }

    /** @param stranger a transaction that wrote one of its objects, and is not it */
    record Finding(Optional<Tid> committed, Optional<Tid> stranger) {
        static final Finding NOTHING = new Finding(Optional.empty(), Optional.empty());
    }

    CompletionStage<Finding> find() {
        Oid any = changes.list()[0].oid();
        return Stages.then(
                log.serial(any),
                serial -> serial.isAfter(after)
                        ? Stages.then(firstAfter(any, FIRST_LOOK), this::compare)
                        : CompletableFuture.completedFuture(Finding.NOTHING));
    }

    private CompletionStage<Optional<Tid>> firstAfter(Oid oid, int limit) {
        CompletionStage<List<HistoryEntry>> history = Stages.orElse(
                log.history(oid, limit),
                failure -> failure instanceof ObjectNotFoundException
                        ? CompletableFuture.completedFuture(List.of())
                        : CompletableFuture.failedFuture(failure));
        return Stages.then(history, entries -> {
            Optional<Tid> first = Optional.empty();
            for (HistoryEntry entry : entries) {
                if (entry.tid().isAfter(after)) {
                    first = Optional.of(entry.tid());
                }
            }
            boolean further =
                    entries.size() == limit && entries.get(limit - 1).tid().isAfter(after);
            return further ? firstAfter(oid, limit * 4) : CompletableFuture.completedFuture(first);
        });
    }

    private CompletionStage<Finding> compare(Optional<Tid> candidate) {
        if (candidate.isEmpty()) {
            return CompletableFuture.completedFuture(Finding.NOTHING);
        }
        Tid tid = candidate.get();
        return Stages.map(log.transactions(tid, tid).first(), found -> {
            CommittedTransaction there = found.orElseThrow(() -> new StorageUnavailableException(
                    "transaction " + tid + ", which may be that of a prepared branch, cannot be read yet"));
            boolean same = there.header().meta().isLike(meta)
                    && content(there.records()).equals(content(changes.records()));
            return same ? new Finding(candidate, Optional.empty()) : new Finding(Optional.empty(), candidate);
        });
    }

    private static Map<Oid, Long> content(Iterable<DataRecord> records) {
        Map<Oid, Long> content = new HashMap<>();
        for (DataRecord entry : records) {
            content.put(entry.oid(), entry.data().map(BranchSearch::digest).orElse(-1L));
        }
        return content;
    }

    private static long digest(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return (long) data.length << 32 | crc.getValue();
    }
}

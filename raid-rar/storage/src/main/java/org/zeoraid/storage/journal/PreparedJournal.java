package org.zeoraid.storage.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.seam.Environment;

/**
 * The journal of prepared transactions: what is known of each branch, in several folders. Nothing is written before the first branch
 * is prepared or ended. Safe for any number of threads; stages complete on its workers.
 */
public final class PreparedJournal {

    /** What it means, where the first folder has no journal, that another folder cannot be seen. */
    public enum Unseen {
        /** It is waited for. */
        MAY_HAVE_A_COPY,
        /** Nobody waits for it. */
        HAS_NONE
    }

    private final String name;
    private final Environment environment;
    private final JournalOptions options;
    private final JournalSequence sequence;

    private PreparedJournal(String name, Environment environment, JournalOptions options) {
        this.name = name;
        this.environment = environment;
        this.options = options;
        this.sequence = new JournalSequence(name, environment, options);
    }

    /**
     * Reads what is there, in all folders, and lays it down in the first.
     *
     * @param name of the storage, for messages and threads
     * @throws StorageUnavailableException (in the stage) if there is a journal that cannot be read now
     */
    public static CompletionStage<PreparedJournal> open(
            String name, Environment environment, JournalOptions options, Unseen unseen) {
        PreparedJournal journal = new PreparedJournal(name, environment, options);
        CompletableFuture<PreparedJournal> opened = new CompletableFuture<>();
        journal.sequence.read(unseen).whenComplete((nothing, failure) -> {
            if (failure == null) {
                opened.complete(journal);
            } else {
                journal.close();
                opened.completeExceptionally(failure);
            }
        });
        return opened;
    }

    /**
     * A branch that has not ended.
     *
     * @param after the last transaction that could be seen when it was prepared
     * @param reads objects on whose being current it relies
     */
    public record Branch(
            BranchId id, Instant since, Tid after, TransactionMeta meta, List<Oid> reads, int changes, long bytes) {}

    /** How a branch ended. */
    public record End(BranchId id, Instant when, Fate fate, Tid tid, int changes, long bytes) {}

    /** In the order in which they were prepared. */
    public List<Branch> inDoubt() {
        return sequence.inDoubt().stream().map(PreparedJournal::branch).toList();
    }

    private static Branch branch(JournalEntry.Prepared entry) {
        return new Branch(
                entry.id(), entry.since(), entry.after(), entry.meta(), entry.reads(), entry.changes(), entry.bytes());
    }

    /** The ends that are remembered, oldest first. */
    public List<End> ends() {
        return sequence.ends().stream().map(PreparedJournal::end).toList();
    }

    public Optional<End> end(BranchId id) {
        return sequence.end(id).map(PreparedJournal::end);
    }

    private static End end(JournalEntry.Ended entry) {
        return new End(entry.id(), entry.when(), entry.fate(), entry.tid(), entry.changes(), entry.bytes());
    }

    /**
     * Reads the changes of a branch in doubt. Their blobs can be read until the branch has ended.
     *
     * @throws StorageUnavailableException (in the stage) if they cannot be read
     */
    public CompletionStage<Void> readChanges(BranchId id, Consumer<DataRecord> changes) {
        Optional<JournalEntry.Prepared> found = sequence.inDoubt(id);
        if (found.isEmpty()) {
            return CompletableFuture.failedFuture(new StorageClosedException("branch " + id + " has ended"));
        }
        JournalEntry.Prepared entry = found.get();
        return sequence.atFirst(folder -> read(folder, entry, changes)).exceptionally(failure -> {
            throw new StorageUnavailableException(
                    "the changes of the prepared branch " + id + " of " + name + " cannot be read: "
                            + failure.getMessage(),
                    failure);
        });
    }

    private void read(Path folder, JournalEntry.Prepared entry, Consumer<DataRecord> changes) throws IOException {
        if (entry.file() == 0) {
            ChangeCodec.read(ChangeCodec.of(entry.content()), entry.changes(), changes::accept);
            return;
        }
        Path first = JournalFile.changes(folder, entry.file());
        try (BranchFile file = BranchFile.open(environment.disk(), first, sequence.places(entry.file()))) {
            ChangeCodec.read(file, entry.changes(), changes::accept);
        }
    }

    /**
     * Puts a branch on stable storage.
     *
     * @return its blobs, as the journal keeps them until the branch has ended
     */
    public CompletionStage<Map<Oid, BlobSource>> prepare(Branch branch, CommittedTransaction changes) {
        boolean here = changes.dataBytes() <= options.inline();
        for (DataRecord change : changes.records()) {
            here &= change.blob().isEmpty();
        }
        if (!here) {
            return prepareInFile(branch, changes);
        }
        byte[] content = ChangeCodec.bytes(changes.records());
        return sequence.add(entry(branch, 0, content.length, content)).thenApply(nothing -> Map.of());
    }

    private static JournalEntry.Prepared entry(Branch branch, long file, long length, byte[] content) {
        return new JournalEntry.Prepared(
                branch.id(),
                branch.since(),
                branch.after(),
                branch.meta(),
                branch.reads(),
                branch.changes(),
                branch.bytes(),
                file,
                length,
                content);
    }

    private CompletionStage<Map<Oid, BlobSource>> prepareInFile(Branch branch, CommittedTransaction changes) {
        long file = sequence.newFile();
        ChangeCodec.Layout layout = ChangeCodec.Layout.of(changes.records());
        return sequence.write(file, target -> ChangeCodec.write(changes.records(), target))
                .thenCompose(nothing -> sequence.add(entry(branch, file, layout.length(), new byte[0])))
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        sequence.drop(file);
                    }
                })
                .thenApply(nothing -> blobs(file, layout));
    }

    private Map<Oid, BlobSource> blobs(long file, ChangeCodec.Layout layout) {
        List<Path> places = sequence.places(file);
        Map<Oid, BlobSource> blobs = new HashMap<>();
        layout.blobs()
                .forEach((oid, place) -> blobs.put(
                        oid, new BranchFile.StoredBlob(environment.disk(), places, place.position(), place.size())));
        return blobs;
    }

    /** Notes the end of a branch, on stable storage when the stage completes. If it fails the branch has not ended. */
    public CompletionStage<Void> end(BranchId id, Fate fate, Tid tid) {
        return sequence.add(endOf(id, fate, tid));
    }

    /** Notes the end of a branch soon: where the note is lost, the log of transactions tells the same. */
    public void endSoon(BranchId id, Fate fate, Tid tid) {
        sequence.addSoon(endOf(id, fate, tid));
    }

    private JournalEntry.Ended endOf(BranchId id, Fate fate, Tid tid) {
        Optional<JournalEntry.Prepared> before = sequence.inDoubt(id);
        return new JournalEntry.Ended(
                id,
                environment.clock().instant(),
                fate,
                tid,
                before.map(JournalEntry.Prepared::changes).orElse(0),
                before.map(JournalEntry.Prepared::bytes).orElse(0L));
    }

    /** Forgets an end. */
    public CompletionStage<Void> forget(BranchId id) {
        return sequence.add(new JournalEntry.Forgotten(id));
    }

    /** Completes when all that was noted is on stable storage. */
    public CompletionStage<Void> flush() {
        return sequence.flush();
    }

    /** Has all folders get a copy, if there is anything to be known. */
    public void spread() {
        sequence.spread();
    }

    /** Keeps the copies in these folders from now on, the first of which stays. Those in others stay as they are, and grow old. */
    public void moveTo(List<Path> folders) {
        sequence.moveTo(folders);
    }

    /** Takes nothing more, and releases everything; complete when what was noted is written. A disk that hangs is left behind. */
    public CompletionStage<Void> close() {
        return sequence.close();
    }
}

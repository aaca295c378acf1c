package org.zeoraid.array;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;

/** The prepared branches of an array: where their journal lies, and what an admin decides of them. */
final class BranchDecisions {

    private static final Logger LOG = System.getLogger("org.zeoraid.array");

    private final String array;
    private final TransactionalStorage storage;
    private final EventLog events;

    /** Guarded by this, like the two that follow. */
    private ArrayConfiguration configuration;

    private @Nullable PreparedJournal journal;
    private CompletionStage<Void> taking = CompletableFuture.completedFuture(null);

    BranchDecisions(ArrayConfiguration configuration, TransactionalStorage storage, EventLog events) {
        this.array = configuration.name();
        this.configuration = configuration;
        this.storage = storage;
        this.events = events;
    }

    /**
     * Takes the branches that an earlier process left, unless that has been done. Nothing has been committed yet.
     *
     * @param unseen whether a folder that cannot be seen is to be waited for
     * @throws org.zeoraid.storage.StorageUnavailableException (in the stage) if there may be some and they cannot be read now
     */
    synchronized CompletionStage<Void> take(PreparedJournal.Unseen unseen) {
        taking = taking.handle((nothing, failure) -> null).thenCompose(nothing -> takeNow(unseen));
        return taking;
    }

    private CompletionStage<Void> takeNow(PreparedJournal.Unseen unseen) {
        JournalOptions options;
        synchronized (this) {
            if (journal != null) {
                return CompletableFuture.completedFuture(null);
            }
            options = JournalOptions.in(folders(configuration), this::note);
        }
        return storage.keepPrepared(options, unseen).thenAccept(this::taken);
    }

    private void taken(PreparedJournal opened) {
        List<Path> folders;
        synchronized (this) {
            journal = opened;
            folders = folders(configuration);
        }
        opened.moveTo(folders);
    }

    /** The members are there: each that is local gets a copy of the journal. */
    void spread() {
        PreparedJournal opened;
        synchronized (this) {
            opened = journal;
        }
        if (opened != null) {
            opened.spread();
        }
    }

    /** The members changed: the journal's copies follow them. */
    void follow(ArrayConfiguration next) {
        PreparedJournal opened;
        synchronized (this) {
            configuration = next;
            opened = journal;
        }
        if (opened != null) {
            opened.moveTo(folders(next));
        }
    }

    private static List<Path> folders(ArrayConfiguration configuration) {
        List<Path> folders = new ArrayList<>();
        folders.add(configuration.stateFolder());
        for (MemberSource member : configuration.members()) {
            member.folder().filter(folder -> !folders.contains(folder)).ifPresent(folders::add);
        }
        return folders;
    }

    private void note(Level level, String text) {
        LOG.log(level, "array " + array + ": " + text);
        events.add(level == Level.ERROR ? Severity.ERROR : Severity.WARNING, "", "prepared", text);
    }

    List<PreparedBranch> list() {
        return storage.prepared().map(PreparedTransactions::branches).orElse(List.of());
    }

    CompletionStage<Void> commit(BranchId id) {
        PreparedBranch branch = inDoubt(id);
        return prepared()
                .commit(id, Decider.ADMIN)
                .thenAccept(tid -> decided("heuristic-commit", branch, "committed as " + tid));
    }

    CompletionStage<Void> rollback(BranchId id) {
        PreparedBranch branch = inDoubt(id);
        return prepared()
                .rollback(id, Decider.ADMIN)
                .thenAccept(nothing -> decided("heuristic-rollback", branch, "rolled back"));
    }

    private void decided(String kind, PreparedBranch branch, String how) {
        String text = "heuristic decision: an admin had the prepared branch " + branch.id() + " ("
                + branch.id().words()
                + "), which changes " + Count.of(branch.objects(), "object") + ", " + how
                + " without its transaction manager; compare with what its other resources did";
        LOG.log(Level.WARNING, "array " + array + ": " + text);
        events.add(Severity.WARNING, "", kind, text);
    }

    CompletionStage<Void> forget(BranchId id) {
        PreparedBranch branch = known(id);
        if (branch.state() == PreparedBranch.State.IN_DOUBT) {
            throw Recoveries.refusal(
                    "branch " + id + " is in doubt; commit it or roll it back, then it can be forgotten");
        }
        return prepared().forget(id).thenAccept(nothing -> {
            String text = "an admin had the end of branch " + id + " forgotten";
            events.add(Severity.WARNING, "", "heuristic-forget", text);
        });
    }

    private PreparedBranch inDoubt(BranchId id) {
        PreparedBranch branch = known(id);
        if (branch.state() != PreparedBranch.State.IN_DOUBT) {
            throw Recoveries.refusal("branch " + id + " is decided already; it can only be forgotten");
        }
        return branch;
    }

    private PreparedBranch known(BranchId id) {
        Optional<PreparedBranch> found =
                list().stream().filter(branch -> branch.id().equals(id)).findFirst();
        return found.orElseThrow(() -> switch (prepared().fate(id).orElse(Fate.IN_DOUBT)) {
            case COMMITTED, COMMITTED_BY_ADMIN ->
                Recoveries.refusal("branch " + id + " has been committed; nothing is left to decide");
            case ROLLED_BACK, ROLLED_BACK_BY_ADMIN ->
                Recoveries.refusal("branch " + id + " has been rolled back; nothing is left to decide");
            case IN_DOUBT ->
                new AdministrationException(Refusal.UNKNOWN, "array " + array + " has no prepared branch " + id);
        });
    }

    private PreparedTransactions prepared() {
        return storage.prepared().orElseThrow(() -> Recoveries.refusal("array " + array + " keeps no branches"));
    }
}

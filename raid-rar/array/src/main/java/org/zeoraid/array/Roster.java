package org.zeoraid.array;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.Environment;

/**
 * Who belongs to the array, how it is made known, and how it is written down. What is decided is not known here: see {@link
 * SuperblockKeeper}, on whose worker everything happens that is not said to be open to all threads.
 */
final class Roster {

    private static final Logger LOG = System.getLogger("org.zeoraid.array");

    private final Environment environment;
    private final ArrayConfiguration configuration;
    private final EventLog events;
    private final Environment.Worker worker;
    private final Consumer<String> givenUp;
    private final SuperblockPlace state;
    private final List<Consumer<Membership>> listeners = new CopyOnWriteArrayList<>();
    private final Map<Move, LongAdder> counts = new EnumMap<>(Move.class);
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile Membership current;

    private List<Dossier> dossiers = List.of();
    private UUID arrayId = SuperblockFile.STATE_DIRECTORY;
    private long generation;
    private Superblock.Marks marks = Superblock.Marks.NONE;
    private Optional<PackRequest> pack = Optional.empty();
    private String stopped = "";
    private String unwritable = "";
    private String closedBecause;
    private long unwritableSince;
    private boolean notesArmed;
    private List<CompletableFuture<Void>> unsaved = new ArrayList<>();
    private boolean reportedLastCopy;
    private long savedTid;
    private boolean ended;

    /** @param givenUp told, on the worker, when it is no use to wait for the state directory any longer */
    Roster(
            Environment environment,
            ArrayConfiguration configuration,
            EventLog events,
            SuperblockPlace state,
            Environment.Worker worker,
            Consumer<String> givenUp) {
        this.environment = environment;
        this.configuration = configuration;
        this.events = events;
        this.state = state;
        this.worker = worker;
        this.givenUp = givenUp;
        for (Move move : Move.values()) {
            counts.put(move, new LongAdder());
        }
        closedBecause = "array " + configuration.name() + " is being assembled";
        current = new Membership(0, List.of(), Membership.Service.CLOSED, closedBecause);
    }

    // Open to all threads.

    Membership current() {
        return current;
    }

    Runnable listen(Consumer<Membership> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void acknowledged(Tid tid) {
        acknowledged.accumulateAndGet(tid.value(), (old, now) -> Long.compareUnsigned(now, old) > 0 ? now : old);
    }

    Tid lastAcknowledged() {
        return new Tid(acknowledged.get());
    }

    long count(Move move) {
        LongAdder count = counts.get(move);
        return count == null ? 0 : count.sum();
    }

    void event(Severity severity, String member, String kind, String text) {
        ArrayEvent event = events.add(severity, member, kind, text);
        Level level =
                switch (severity) {
                    case INFO -> Level.INFO;
                    case WARNING -> Level.WARNING;
                    case ERROR -> Level.ERROR;
                };
        String who = member.isBlank() ? "" : ", member " + member;
        LOG.log(level, "array " + configuration.name() + who + ": " + event.text());
    }

    // On the worker.

    List<Dossier> dossiers() {
        return dossiers;
    }

    void dossiers(List<Dossier> next) {
        dossiers = List.copyOf(next);
    }

    /** Goes on from what a superblock says, without its members. */
    void base(Superblock base) {
        arrayId = base.arrayId();
        generation = base.generation();
        marks = base.marks();
        pack = base.pack();
        stopped = base.stopped();
        unwritable = "";
        acknowledged.set(marks.last().value());
    }

    UUID arrayId() {
        return arrayId;
    }

    Optional<PackRequest> pack() {
        return pack;
    }

    void pack(PackRequest request) {
        pack = Optional.of(request);
    }

    String stopped() {
        return stopped;
    }

    void stopped(String why) {
        stopped = why;
    }

    boolean hasEnded() {
        return ended;
    }

    void serve() {
        closedBecause = "";
        publish();
        if (!notesArmed) {
            notesArmed = true;
            armNotes();
        }
    }

    /** Lets go of all members, until the array is assembled again. */
    void breakDown(String why) {
        closedBecause = why;
        dossiers = List.of();
        publish();
        failUnsaved();
    }

    /** Lets go of members that were never served with: as if nothing had been begun. */
    void forget() {
        failUnsaved();
        dossiers = List.of();
        unwritable = "";
        publish();
    }

    void end() {
        ended = true;
        closedBecause = "array " + configuration.name() + " is closed";
        publish();
        failUnsaved();
    }

    void markStoppedInOrder() {
        marks = marks.acknowledged(lastAcknowledged()).stoppedInOrder();
    }

    int optimalCount() {
        return (int) dossiers.stream().filter(d -> d.standing().isOptimal()).count();
    }

    @Nullable Dossier find(Member member) {
        return dossiers.stream().filter(d -> d.member() == member).findFirst().orElse(null);
    }

    Dossier need(Member member) {
        Dossier dossier = find(member);
        if (dossier == null) {
            throw new AdministrationException(
                    AdministrationException.Refusal.UNKNOWN, "member " + member.name() + " is no longer in the array");
        }
        return dossier;
    }

    static IllegalStateException illegal(Dossier dossier, Move move) {
        return new IllegalStateException("member " + dossier.member().name() + " is "
                + dossier.standing().state().word() + ": the move " + move + " is not in the table");
    }

    /** Makes a move, in memory, and tells of it. */
    void move(Dossier dossier, Move move, String reason, Tid firstMissed) {
        Standing before = dossier.standing();
        if (!move.isLegalFrom(before.state())) {
            throw illegal(dossier, move);
        }
        Tid missed = firstMissed.equals(Tid.NONE) ? before.firstMissed() : firstMissed;
        if (move.to() == MemberState.OPTIMAL) {
            missed = Tid.NONE;
        }
        dossier.standing(before.moved(move.to(), reason, environment.clock().instant(), missed));
        generation++;
        LongAdder count = counts.get(move);
        if (count != null) {
            count.increment();
        }
        String text = reason.isBlank() ? "is " + move.to().word() : reason;
        String hint = missed.equals(Tid.NONE) ? "" : " (it lacks transaction " + missed + " and what follows)";
        event(move.severity(), dossier.member().name(), move.word(), text + hint);
    }

    /** More is known of why a member is out. */
    void remark(Dossier dossier, String reason) {
        Standing before = dossier.standing();
        dossier.standing(before.moved(before.state(), reason, before.since(), before.firstMissed()));
        generation++;
        event(Severity.ERROR, dossier.member().name(), before.state().word(), reason);
    }

    /** Counts a change that is not a move. */
    void changed() {
        generation++;
    }

    void closeLog(Dossier dossier) {
        TransactionLog log = dossier.takeLog();
        if (log != null) {
            dossier.door().close(log);
        }
    }

    /** Lets everybody see the membership as it is now. */
    void publish() {
        Membership.Service service = Membership.Service.FULL;
        String why = !closedBecause.isBlank() ? closedBecause : !unwritable.isBlank() ? unwritable : stopped;
        if (!closedBecause.isBlank() || optimalCount() == 0) {
            service = Membership.Service.CLOSED;
            why = why.isBlank() ? "no member of array " + configuration.name() + " is optimal" : why;
        } else if (!why.isBlank()) {
            service = configuration.failMode() == FailMode.CLOSE
                    ? Membership.Service.CLOSED
                    : Membership.Service.READ_ONLY;
        }
        List<Standing> standings = dossiers.stream().map(Dossier::standing).toList();
        Membership next = new Membership(generation, standings, service, why);
        current = next;
        listeners.forEach(listener -> listener.accept(next));
    }

    /**
     * Writes the superblock; complete when it lies in the state directory and beside every optimal local member. As long as
     * it cannot be written the stage waits and it is tried again, for a while; then the array gives up.
     */
    CompletionStage<Void> save() {
        return Timed.recover(trySave().thenCompose(Saved::copied), failure -> {
            if (ended) {
                return CompletableFuture.failedFuture(failure);
            }
            CompletableFuture<Void> later = new CompletableFuture<>();
            unsaved.add(later);
            return later;
        });
    }

    /** A superblock that lies in the state directory; the stage tells when it lies beside all optimal local members too. */
    record Saved(CompletionStage<Void> copied) {}

    /**
     * Writes the superblock in the state directory, and beside the members then. Completes on the worker; fails where it
     * cannot be written in the state directory, or not in time.
     */
    CompletionStage<Saved> trySave() {
        marks = marks.acknowledged(lastAcknowledged());
        List<Dossier> whose = dossiers;
        List<Superblock.Entry> entries = whose.stream().map(Dossier::entry).toList();
        Superblock block = new Superblock(arrayId, generation, marks, pack, stopped, entries);
        CompletableFuture<Saved> answer = new CompletableFuture<>();
        state.write(SuperblockFile.STATE_DIRECTORY, block).whenComplete((written, failure) -> {
            try {
                worker.execute(() -> {
                    if (failure != null) {
                        answer.completeExceptionally(cannotSave(Failures.cause(failure)));
                    } else {
                        answer.complete(saved(written, whose));
                    }
                });
            } catch (RejectedExecutionException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private Saved saved(Superblock written, List<Dossier> whose) {
        savedTid = written.marks().last().value();
        CompletionStage<Void> copied = copy(written, whose);
        if (!unwritable.isBlank()) {
            unwritable = "";
            event(Severity.INFO, "", "superblock", "the superblock can be written again; the array goes on");
            publish();
            List<CompletableFuture<Void>> waited = unsaved;
            unsaved = new ArrayList<>();
            copied.whenComplete((nothing, failure) -> waited.forEach(later -> tell(later, failure)));
        }
        return new Saved(copied);
    }

    private static void tell(CompletableFuture<Void> waiting, @Nullable Throwable failure) {
        if (failure == null) {
            waiting.complete(null);
        } else {
            waiting.completeExceptionally(Failures.cause(failure));
        }
    }

    private CompletionStage<Void> copy(Superblock block, List<Dossier> whose) {
        List<CompletionStage<Void>> copies = new ArrayList<>();
        for (Dossier dossier : whose) {
            if (dossier.isOurs() && dossier.door().hasCopy()) {
                CompletionStage<Void> copy =
                        dossier.door().writeCopy(dossier.member().id(), block);
                if (dossier.standing().isOptimal()) {
                    copies.add(Timed.recover(copy, failure -> copyFailedLater(dossier, failure)));
                }
            }
        }
        return Timed.all(copies);
    }

    private ArrayFailedException cannotSave(Throwable failure) {
        String text = Failures.text(failure);
        if (unwritable.isBlank() && !dossiers.isEmpty()) {
            unwritable = text;
            unwritableSince = environment.nanoTime();
            event(Severity.ERROR, "", "superblock", text + "; nothing is acknowledged until it can be");
            publish();
            retrySave();
        }
        return new ArrayFailedException(text, failure);
    }

    private void retrySave() {
        environment.schedule(configuration.options().retryPause(), () -> onWorker(this::saveAgain));
    }

    private void saveAgain() {
        if (unwritable.isBlank() || ended || dossiers.isEmpty()) {
            return;
        }
        trySave().whenComplete((saved, failure) -> {
            if (unwritable.isBlank() || ended || dossiers.isEmpty()) {
                return;
            }
            if (environment.nanoTime() - unwritableSince
                    < configuration.options().openDeadline().toNanos()) {
                retrySave();
            } else {
                // Whoever waits must be told something. What they make of it is not known here, so the array begins
                // afresh.
                // It breaks down first: whoever is told goes on at once, and must find no service.
                givenUp.accept(unwritable);
                failUnsaved();
            }
        });
    }

    private void failUnsaved() {
        List<CompletableFuture<Void>> waited = unsaved;
        unsaved = new ArrayList<>();
        ArrayFailedException failure = new ArrayFailedException(unwritable.isBlank() ? closedBecause : unwritable);
        waited.forEach(later -> later.completeExceptionally(failure));
    }

    private CompletionStage<Void> copyFailedLater(Dossier dossier, Throwable failure) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        onWorker(() -> copyFailed(dossier, failure).whenComplete((nothing, worse) -> tell(answer, worse)));
        return answer;
    }

    private CompletionStage<Void> copyFailed(Dossier dossier, Throwable failure) {
        if (!dossiers.contains(dossier) || !dossier.standing().isOptimal() || ended) {
            return CompletableFuture.completedFuture(null);
        }
        String text = Failures.text(failure);
        if (optimalCount() == 1) {
            // It stays, as the last one always does; the state directory's copy says who is stale.
            if (!reportedLastCopy) {
                reportedLastCopy = true;
                event(
                        Severity.ERROR,
                        dossier.member().name(),
                        "superblock",
                        text + ". It is the last optimal member and stays; recover another one");
            }
            return CompletableFuture.completedFuture(null);
        }
        move(dossier, Move.FAILED, text, Tid.NONE);
        closeLog(dossier);
        publish();
        return save();
    }

    private void armNotes() {
        environment.schedule(
                configuration.options().noteInterval(),
                () -> onWorker(() -> {
                    if (ended) {
                        return;
                    }
                    if (!dossiers.isEmpty() && savedTid != acknowledged.get() && unwritable.isBlank()) {
                        save();
                    }
                    armNotes();
                }));
    }

    private void onWorker(Runnable task) {
        try {
            worker.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "array " + configuration.name() + " has ended", e);
        }
    }
}

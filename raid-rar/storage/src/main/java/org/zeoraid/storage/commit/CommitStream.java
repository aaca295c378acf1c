package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * The order of commits: gives tids, appends one transaction behind the other without waiting for the one before to be
 * durable, and publishes them in the same order as they become so.
 *
 * <p>After a failed append nothing more is appended until all that was under way has been answered; then the log is
 * asked what its last transaction is, and the stream goes on from there. Transactions whose outcome is unknown keep
 * their objects locked until then. A log that cannot tell yet fails that question, and is asked again when the next
 * transaction comes.
 *
 * <p>A transaction with a tid of its own reserves the order when it votes; others wait until it ends, but no longer than for an
 * object. Then it loses the order, and can only be committed if its tid still is later than all others.
 *
 * <p>All fields but the volatile ones belong to the strand.
 */
final class CommitStream {

    /** The last transaction that clients may see, and the tid just after it, which bounds what they read. */
    record Published(Tid last, Tid bound) {
        static Published at(Tid last) {
            return new Published(last, last.after());
        }
    }

    /** Told what becomes visible. Called on the strand. */
    interface Audience {
        void committed(Commit commit);

        void dropCaches();
    }

    private enum State {
        /** The log's last tid is not known. */
        UNKNOWN,
        /** The log has been asked. */
        ASKING,
        FLOWING,
        /** An append failed; those behind it have not been answered yet. */
        DRAINING
    }

    private record Reservation(
            Object owner, Tid tid, CompletableFuture<Void> granted, Optional<Environment.Timer> timer) {}

    private final String name;
    private final TransactionLog log;
    private final Environment environment;
    private final WriteGate gate;
    private final Duration wait;
    private final Audience audience;
    private final OidSource oids;
    private final Strand strand = new Strand();

    private final ArrayDeque<Commit> waiting = new ArrayDeque<>();
    private final ArrayDeque<Commit> underWay = new ArrayDeque<>();
    private final List<Commit> doubtful = new ArrayList<>();
    private final ArrayDeque<Reservation> reservations = new ArrayDeque<>();
    private final List<CompletableFuture<Void>> awaiting = new ArrayList<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private State state = State.UNKNOWN;
    private boolean askAgain;
    private @Nullable Object reservedBy;
    /** Runs once a commit waits behind the reservation. */
    private Optional<Environment.Timer> reservationEnds = Optional.empty();
    /** The failure after which nothing is appended until the log has told its last tid. */
    private Optional<StorageException> broken = Optional.empty();

    private Tid floor = Tid.NONE;
    /** The log's last transaction once all that is under way is there. */
    private Tid appended = Tid.NONE;
    /** The last transaction that the log is known to have. */
    private Tid confirmed = Tid.NONE;
    /** The largest tid given to anything, or served. */
    private Tid assigned = Tid.NONE;

    private volatile @Nullable Published published;
    private volatile boolean flowing;
    private volatile boolean closed;

    CommitStream(
            String name,
            TransactionLog log,
            Environment environment,
            CommitOptions options,
            WriteGate gate,
            OidSource oids,
            Audience audience) {
        this.name = name;
        this.log = log;
        this.environment = environment;
        this.gate = gate;
        this.wait = options.lockWait();
        this.oids = oids;
        this.audience = audience;
    }

    /** What clients may see; null until the log has told its last tid, and once the stream is closed. */
    @Nullable Published published() {
        return published;
    }

    /** Completes once the log has told its last tid, and nothing is in doubt. */
    CompletionStage<Void> ready() {
        if (flowing) {
            return Stages.done();
        }
        CompletableFuture<Void> ready = new CompletableFuture<>();
        strand.run(() -> {
            if (closed) {
                ready.completeExceptionally(closed());
            } else if (state == State.FLOWING) {
                ready.complete(null);
            } else {
                awaiting.add(ready);
                ask();
            }
        });
        return ready;
    }

    /** Asks the log for its last tid again, and goes on no lower than {@code atLeast}. */
    CompletionStage<Void> resume(Tid atLeast) {
        CompletableFuture<Void> resumed = new CompletableFuture<>();
        strand.run(() -> {
            floor = atLeast.isAfter(floor) ? atLeast : floor;
            if (closed) {
                resumed.completeExceptionally(closed());
                return;
            }
            awaiting.add(resumed);
            if (state == State.FLOWING) {
                become(underWay.isEmpty() ? State.UNKNOWN : State.DRAINING);
            } else if (state == State.ASKING) {
                // The answer that is on its way may be older than what this call is about.
                askAgain = true;
            }
            ask();
        });
        return resumed;
    }

    /**
     * Has nobody else append until {@link #release}.
     *
     * @throws ProtocolException (in the stage) if the tid is not later than all before it
     * @throws ConflictException (in the stage) without conflicts if another one has the order for too long
     */
    CompletionStage<Void> reserve(Object owner, Tid tid) {
        CompletableFuture<Void> granted = new CompletableFuture<>();
        strand.run(() -> {
            if (closed) {
                granted.completeExceptionally(closed());
                return;
            }
            if (state == State.FLOWING && reservedBy == null && waiting.isEmpty()) {
                grant(new Reservation(owner, tid, granted, Optional.empty()));
                return;
            }
            Environment.Timer timer = environment.schedule(wait, () -> strand.run(() -> giveUp(granted)));
            reservations.add(new Reservation(owner, tid, granted, Optional.of(timer)));
            ask();
        });
        return granted;
    }

    private void giveUp(CompletableFuture<Void> granted) {
        if (reservations.removeIf(reservation -> reservation.granted() == granted)) {
            granted.completeExceptionally(
                    new ConflictException("a transaction with a tid of its own has kept the order of"
                            + " commits for more than " + wait.toMillis() + " ms; retry"));
        }
    }

    /** Lets others append again; nothing if this owner has not reserved. */
    void release(Object owner) {
        strand.run(() -> releaseNow(owner));
    }

    private void releaseNow(Object owner) {
        if (reservedBy == owner) {
            reservationEnds.ifPresent(Environment.Timer::close);
            reservationEnds = Optional.empty();
            reservedBy = null;
            moveOn();
        }
    }

    /** Sends a transaction on its way. Its outcome is a stage of its own. */
    void send(Commit commit) {
        strand.run(() -> {
            if (closed) {
                commit.fail(closed());
            } else if (commit.changes.list().length == 0 && commit.ownTid.isEmpty()) {
                // Nothing was changed: no trace of it is kept, and nobody waits for it.
                commit.tid = published == null ? floor : published.last();
                commit.succeed();
            } else if (state == State.FLOWING && (reservedBy == commit.by || reservedBy == null && waiting.isEmpty())) {
                append(commit);
            } else if (reservedBy == commit.by) {
                waiting.addFirst(commit);
                ask();
            } else {
                waiting.addLast(commit);
                boundReservation();
                ask();
            }
        });
    }

    private void boundReservation() {
        Object owner = reservedBy;
        if (owner != null && reservationEnds.isEmpty()) {
            reservationEnds = Optional.of(environment.schedule(wait, () -> release(owner)));
        }
    }

    /**
     * Sends transactions with tids of their own on their way, one behind the other, by whoever has reserved the order. Each
     * stands on the one before: behind one that cannot be appended none is.
     *
     * @param behind the last transaction, as the one who sends them knows it
     */
    void sendAll(Object owner, Tid behind, List<Commit> commits) {
        strand.run(() -> {
            Optional<StorageException> refusal = refusal(owner, behind);
            for (Commit commit : commits) {
                if (refusal.isPresent()) {
                    commit.fail(refusal.get());
                    continue;
                }
                append(commit);
                if (commit.ownTid.filter(appended::equals).isEmpty()) {
                    refusal = Optional.of(new StorageUnavailableException(
                            "not appended, because the transaction before it was refused"));
                }
            }
        });
    }

    private Optional<StorageException> refusal(Object owner, Tid behind) {
        if (closed) {
            return Optional.of(closed());
        }
        if (state != State.FLOWING || reservedBy != owner) {
            return Optional.of(new StorageUnavailableException("an append before this one failed; nothing was done"));
        }
        Published now = published;
        boolean right = appended.equals(behind) || now != null && now.last().equals(behind) && underWay.isEmpty();
        return right
                ? Optional.empty()
                : Optional.of(new ProtocolException(
                        "the last transaction of " + name + " is " + appended + ", not " + behind));
    }

    /** Refuses everything new, and completes when all that was sent has been answered. */
    CompletionStage<Void> close() {
        strand.run(() -> {
            closed = true;
            flowing = false;
            failWaiting(closed());
            finishClosing();
        });
        return drained;
    }

    /** In its place between commits. */
    void tellToDropCaches() {
        strand.run(audience::dropCaches);
    }

    private void finishClosing() {
        if (closed && underWay.isEmpty() && state != State.ASKING) {
            for (Commit commit : List.copyOf(doubtful)) {
                commit.release();
            }
            doubtful.clear();
            // Whoever reads now is sent to ready(), and told that the storage is closed, whatever the log would say.
            published = null;
            drained.complete(null);
        }
    }

    private StorageException closed() {
        return new StorageClosedException("the storage " + name + " is closed");
    }

    private void become(State next) {
        state = next;
        flowing = next == State.FLOWING && !closed;
    }

    private void moveOn() {
        while (state == State.FLOWING && !waiting.isEmpty()) {
            if (reservedBy != null && waiting.getFirst().by != reservedBy) {
                return;
            }
            append(waiting.remove());
        }
        while (state == State.FLOWING && reservedBy == null && !reservations.isEmpty()) {
            grant(reservations.remove());
        }
    }

    private void grant(Reservation next) {
        if (next.tid().isAfter(assigned)) {
            reservedBy = next.owner();
            end(next).complete(null);
        } else {
            end(next).completeExceptionally(notLater(next.tid()));
        }
    }

    private static CompletableFuture<Void> end(Reservation reservation) {
        reservation.timer().ifPresent(Environment.Timer::close);
        return reservation.granted();
    }

    private ProtocolException notLater(Tid tid) {
        return new ProtocolException(
                "the transaction's own tid " + tid + " is not later than the last one, " + assigned);
    }

    private void append(Commit commit) {
        CompletionStage<Void> stage;
        try {
            gate.check();
            commit.check();
            commit.tid = commit.ownTid.orElseGet(
                    () -> Tid.next(assigned, environment.clock().instant()));
            if (!commit.tid.isAfter(assigned)) {
                throw notLater(commit.tid);
            }
        } catch (RuntimeException e) {
            commit.fail(Stages.failure(e));
            releaseNow(commit.by);
            return;
        }
        oids.raise(commit.changes);
        assigned = commit.tid;
        try {
            stage = log.append(appended, commit.transaction());
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        appended = commit.tid;
        underWay.add(commit);
        stage.whenComplete((nothing, error) -> strand.run(() -> answered(commit, error)));
    }

    private void answered(Commit commit, @Nullable Throwable error) {
        commit.answered = true;
        if (error != null) {
            commit.failure = Optional.of(definite(commit, error));
        }
        while (!underWay.isEmpty() && underWay.getFirst().answered) {
            settle(underWay.remove());
        }
        if (underWay.isEmpty() && state == State.DRAINING) {
            become(State.UNKNOWN);
            if (!closed) {
                ask();
            }
        }
        finishClosing();
    }

    /** The log's own errors say what became of the transaction; of any other nobody knows what it means. */
    private static StorageException definite(Commit commit, Throwable error) {
        Throwable cause = Stages.unwrapped(error);
        return cause instanceof StorageException known ? known : unknown(commit, cause);
    }

    private static OutcomeUnknownException unknown(Commit commit, Throwable cause) {
        return new OutcomeUnknownException("whether transaction " + commit.tid + " lasts is not known yet", cause);
    }

    private void settle(Commit commit) {
        if (commit.failure.isEmpty() && broken.isEmpty()) {
            confirmed = commit.tid;
            publish(commit);
            commit.succeed();
        } else {
            StorageException failure = whyNot(commit);
            if (broken.isEmpty()) {
                broken = Optional.of(failure);
                become(State.DRAINING);
            }
            if (failure instanceof OutcomeUnknownException) {
                doubtful.add(commit);
                commit.outcome.completeExceptionally(failure);
            } else {
                commit.fail(failure);
            }
        }
        releaseNow(commit.by);
    }

    private StorageException whyNot(Commit commit) {
        if (broken.isEmpty()) {
            return commit.failure.orElseThrow();
        }
        StorageException before = broken.get();
        if (commit.failure.isEmpty()) {
            return unknown(commit, before);
        }
        // The log only says that the one before is missing, which is no fault of this one.
        StorageException failure = commit.failure.get();
        return failure instanceof ProtocolException
                ? new StorageUnavailableException(
                        "transaction " + commit.tid + " was not committed because one before it failed: "
                                + before.getMessage(),
                        before)
                : failure;
    }

    private void publish(Commit commit) {
        published = Published.at(commit.tid);
        audience.committed(commit);
    }

    /** Asks the log where it stands, unless that is known, or something is still under way. */
    private void ask() {
        if (state != State.UNKNOWN || closed) {
            return;
        }
        become(State.ASKING);
        CompletionStage<Tid> answer;
        try {
            answer = Stages.then(log.stats(), stats -> {
                oids.raise(stats.largestOid());
                return log.lastTid();
            });
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete((last, error) -> strand.run(() -> {
            if (askAgain && !closed) {
                askAgain = false;
                become(State.UNKNOWN);
                ask();
            } else if (error == null) {
                goOnFrom(last);
            } else {
                cannotGoOn(Stages.failure(error));
            }
            finishClosing();
        }));
    }

    private void cannotGoOn(StorageException why) {
        become(State.UNKNOWN);
        failWaiting(why);
    }

    private void failWaiting(StorageException why) {
        List<CompletableFuture<Void>> asked = List.copyOf(awaiting);
        awaiting.clear();
        asked.forEach(future -> future.completeExceptionally(why));
        while (!waiting.isEmpty()) {
            Commit commit = waiting.remove();
            commit.fail(why);
            releaseNow(commit.by);
        }
        while (!reservations.isEmpty()) {
            end(reservations.remove()).completeExceptionally(why);
        }
    }

    private void goOnFrom(Tid last) {
        takeOver(last);
        // Only now is it certain that readers see what the doubtful ones left behind, or that it is gone.
        List<Commit> settled = List.copyOf(doubtful);
        doubtful.clear();
        settled.forEach(Commit::release);
        appended = last;
        confirmed = last;
        assigned = later(assigned, later(last, floor));
        broken = Optional.empty();
        become(State.FLOWING);
        List<CompletableFuture<Void>> asked = List.copyOf(awaiting);
        awaiting.clear();
        asked.forEach(future -> future.complete(null));
        moveOn();
    }

    /** Serves what the log has, and tells clients what of it they do not know. */
    private void takeOver(Tid last) {
        Published before = published;
        if (before == null) {
            published = Published.at(later(last, floor));
            return;
        }
        boolean known = last.equals(confirmed) || doubtful.stream().anyMatch(commit -> commit.tid.equals(last));
        if (known) {
            for (Commit commit : doubtful) {
                if (!commit.tid.isAfter(last)) {
                    publish(commit);
                }
            }
        } else {
            Stages.LOG.log(
                    last.isAfter(confirmed) ? Level.WARNING : Level.ERROR,
                    "storage " + name + ": the last transaction was " + confirmed + " and is now " + last
                            + ", by another way than a commit here; all clients are told to drop their caches");
            published = Published.at(later(before.last(), last));
            audience.dropCaches();
        }
        Published now = published;
        if (now != null && floor.isAfter(now.last())) {
            published = Published.at(floor);
        }
    }

    private static Tid later(Tid one, Tid other) {
        return one.isAfter(other) ? one : other;
    }
}

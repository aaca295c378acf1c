package org.zeoraid.array;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.array.Judgement.Ruling;
import org.zeoraid.array.PendingAppend.Answer;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;

/**
 * The one order in which transactions go to all members, and the place where it is ruled what became of each.
 *
 * <p>How it synchronises. Everything here is guarded by one monitor, held for moments only: members are called under it,
 * because all must see the same order, and they never block. What calls others back (the keeper, the callers' stages) is
 * queued as an action and run without the monitor by whichever thread finds the queue unattended; so stages complete in the
 * order of the transactions, and nobody's callback runs under the monitor.
 *
 * <p>How it rules. Only the oldest transaction under way is looked at:
 *
 * <ul>
 *   <li>One member has it durable: it is committed. Those that failed, or are late, are taken out, and it is acknowledged
 *       once that is on stable storage.
 *   <li>All refused it: it fails with what they said, and nobody is taken out.
 *   <li>Some refused it, some may have it: they cannot be the truth, so these are taken out; nobody else has it. The caller
 *       is told that the outcome is unknown, for no more can be promised of a transaction that a member may hold.
 *   <li>All may have it, or may not: they are opened again and asked, see {@link Settlement}.
 *   <li>Nobody has answered, late or not: nobody is blamed.
 * </ul>
 */
final class CommitLane {

    private final MembershipKeeper keeper;
    private final Ticker ticker;
    private final ArrayPatience patience;
    private final CommitMeter meter = new CommitMeter();
    private final Object monitor = new Object();
    private final List<Seat> seats = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();
    private final Deque<PendingAppend> pending = new ArrayDeque<>();
    private final Deque<PendingAppend> waiting = new ArrayDeque<>();
    private final ActionQueue actions = new ActionQueue();
    private final List<Hold> holds = new ArrayList<>();
    private Membership known;
    private int openMarks;
    private boolean sending;
    private boolean settling;
    private boolean closed;
    private @Nullable StorageException broken;
    private volatile Tid acknowledged;
    private volatile Tid lastSent = Tid.NONE;
    private volatile Readers readers = new Readers(List.of());

    /** @param last the last transaction, which all optimal members have */
    CommitLane(MembershipKeeper keeper, Ticker ticker, ArrayPatience patience, Tid last) {
        this.keeper = keeper;
        this.ticker = ticker;
        this.patience = patience;
        this.known = keeper.current();
        this.acknowledged = last;
        for (Standing standing : known.optimal()) {
            standing.log().ifPresent(log -> seats.add(new Seat(standing.member(), log, Seat.Role.REQUIRED)));
        }
        refreshReaders();
    }

    /** The last transaction that any member was sent. */
    Tid lastSent() {
        Tid sent = lastSent;
        return sent.isAfter(acknowledged) ? sent : acknowledged;
    }

    /** The last transaction that could be acknowledged. */
    Tid acknowledged() {
        return acknowledged;
    }

    /** How long commits take. */
    CommitMeter meter() {
        return meter;
    }

    /** The members that have every acknowledged transaction. */
    Readers readers() {
        return readers;
    }

    /** See {@link org.zeoraid.storage.TransactionLog#append}. */
    CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        PendingAppend append = new PendingAppend(previous, transaction);
        synchronized (monitor) {
            if (closed) {
                return CompletableFuture.failedFuture(new StorageClosedException("the array is closed"));
            }
            StorageException refusal = broken;
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            waiting.add(append);
            sendWaiting();
        }
        actions.run();
        return append.stage();
    }

    private void send(PendingAppend append) {
        followMembership();
        Seat[] targets = new Seat[seats.size() + followers.size()];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = i < seats.size()
                    ? seats.get(i)
                    : followers.get(i - seats.size()).seat();
        }
        append.sentTo(targets, ticker.now(), ticker.nanoTime());
        pending.add(append);
        lastSent = append.tid();
        sending = true;
        try {
            for (int i = 0; i < targets.length; i++) {
                CompletionStage<Void> stage = appendTo(targets[i], append);
                int index = i;
                stage.whenComplete((nothing, failure) -> answered(append, index, failure));
            }
        } finally {
            sending = false;
        }
    }

    private static CompletionStage<Void> appendTo(Seat seat, PendingAppend append) {
        if (seat.role() == Seat.Role.OUT) {
            return CompletableFuture.failedFuture(new StorageClosedException("member " + seat + " was taken out"));
        }
        try {
            return seat.log().append(append.previous(), append.transaction());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answered(PendingAppend append, int index, @Nullable Throwable failure) {
        boolean apart;
        synchronized (monitor) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            append.answered(index, cause);
            Seat seat = append.seats()[index];
            seat.appendAnswered(ticker.now());
            if (cause == null && seat.role() != Seat.Role.OUT) {
                seat.member().seen(append.tid());
            }
            if (seat.role() == Seat.Role.FOLLOWING && cause != null) {
                lose(seat, "it does not take transaction " + append.tid() + ": " + Failures.text(cause));
            } else if (seat.isRequired() && cause != null && !seat.isPublished()) {
                String why = "it does not take transaction " + append.tid() + ": " + Failures.text(cause);
                expel(seat, why, append);
            }
            judge();
            // An answer that was at hand comes while the monitor is held: whoever sent acts.
            apart = !sending;
        }
        if (apart) {
            actions.run();
        }
    }

    // ---- ruling; all of it under the monitor ----

    private void judge() {
        while (!pending.isEmpty() && !settling) {
            PendingAppend head = pending.element();
            Ruling ruling = rule(head);
            if (ruling == Ruling.WAIT || (openMarks > 0 && broken == null)) {
                break;
            }
            if (ruling == Ruling.DOUBT) {
                settle();
                break;
            }
            pending.remove();
            if (ruling == Ruling.ACKNOWLEDGE) {
                acknowledged = head.tid();
                keeper.acknowledged(head.tid());
                meter.took(ticker.nanoTime() - head.sentNanos(), head.weight());
            } else {
                if (!head.isFailed()) {
                    head.fail(Judgement.told(head, broken == null ? head.anyFailure() : broken));
                }
                followersThatMayHave(head);
            }
            actions.add(head);
        }
        if (pending.isEmpty() && !settling) {
            for (Hold hold : holds) {
                actions.add(() -> hold.drained.complete(acknowledged));
            }
        }
    }

    private Ruling rule(PendingAppend append) {
        if (broken != null || append.isFailed()) {
            return Ruling.FAIL;
        }
        Judgement judgement = Judgement.of(append, seats);
        for (Seat seat : judgement.failed()) {
            expel(seat, Judgement.whyFailed(append, seat), append);
        }
        return judgement.ruling();
    }

    /** A member in recovery that has what the array does not must begin again. */
    private void followersThatMayHave(PendingAppend append) {
        for (Seat seat : append.seats()) {
            if (append.answerOf(seat) == Answer.REFUSED) {
                continue;
            }
            if (seat.role() == Seat.Role.FOLLOWING) {
                lose(seat, "it has taken transaction " + append.tid() + ", which the array has not");
            } else if (seat.isRequired() && !seat.isPublished()) {
                expelAbsent(
                        seat, "it has taken transaction " + append.tid() + ", which the array has not", append.tid());
            }
        }
    }

    // ---- who is in ----

    /** Takes a member out for what it did to a read. Does nothing for the last one, and while logs are opened again. */
    void expelReader(Seat seat, String reason, Seat.Fault fault) {
        if (fault == Seat.Fault.NONE) {
            return;
        }
        synchronized (monitor) {
            followMembership();
            if (!settling && seat.isRequired() && seats.stream().anyMatch(s -> s != seat && s.isPublished())) {
                PendingAppend head = pending.peek();
                Tid missed = head == null ? Tid.NONE : head.tid();
                if (fault == Seat.Fault.CONTENT) {
                    expel(seat, () -> keeper.distrust(seat.member(), reason, missed));
                } else {
                    expelAbsent(seat, reason, missed);
                }
                judge();
            }
        }
        actions.run();
    }

    private void expel(Seat seat, String reason, Tid firstMissed) {
        expel(seat, () -> keeper.degrade(seat.member(), reason, firstMissed));
    }

    private void expel(Seat seat, String reason, PendingAppend append) {
        if (Failures.isAbsence(append.failureOf(seat))) {
            expelAbsent(seat, reason, append.tid());
        } else {
            expel(seat, reason, append.tid());
        }
        if (append.answerOf(seat) == Answer.REFUSED) {
            seat.member().sentAtMost(append.tid().before());
        }
    }

    private void expelAbsent(Seat seat, String reason, Tid firstMissed) {
        expel(seat, () -> keeper.away(seat.member(), reason, firstMissed));
    }

    private void expel(Seat seat, Supplier<CompletionStage<MembershipKeeper.Verdict>> mark) {
        seat.role(Seat.Role.OUT);
        seat.member().sentAtMost(lastSent());
        seats.remove(seat);
        openMarks++;
        refreshReaders();
        actions.add(() -> mark.get().whenComplete((verdict, failure) -> marked(seat, verdict, failure)));
    }

    private void marked(Seat seat, MembershipKeeper.@Nullable Verdict verdict, @Nullable Throwable failure) {
        synchronized (monitor) {
            openMarks--;
            if (failure != null) {
                breakOff("member " + seat + " could not be marked as stale: " + Failures.text(failure), failure);
            } else if (verdict == MembershipKeeper.Verdict.LAST_OPTIMAL) {
                followMembership();
                if (seats.stream().anyMatch(Seat::isPublished)) {
                    breakOff("member " + seat + " is stale and was not taken out", null);
                } else {
                    seat.role(Seat.Role.REQUIRED);
                    seats.add(seat);
                    refreshReaders();
                }
            }
            judge();
        }
        actions.run();
    }

    private void breakOff(String why, @Nullable Throwable cause) {
        if (broken == null) {
            broken = cause == null ? new ArrayFailedException(why) : new ArrayFailedException(why, cause);
            actions.add(() -> keeper.broken(why));
        }
        for (PendingAppend append : waiting) {
            append.fail(broken);
            actions.add(append);
        }
        waiting.clear();
    }

    /** The keeper has decided something: members that an admin took out are not waited for any more. */
    void membershipChanged() {
        synchronized (monitor) {
            followMembership();
            judge();
        }
        actions.run();
    }

    @SuppressWarnings("ReferenceEquality") // each decision makes another
    private void followMembership() {
        Membership now = keeper.current();
        if (now == known) {
            return;
        }
        known = now;
        for (Seat seat : List.copyOf(seats)) {
            boolean optimal = now.isIn(seat.member(), MemberState.OPTIMAL);
            if (optimal && !seat.isPublished()) {
                seat.publish();
                refreshReaders();
            } else if (!optimal && seat.isPublished()) {
                // Out already; asking once more tells when that is on stable storage.
                PendingAppend head = pending.peek();
                expel(seat, "taken out", head == null ? Tid.NONE : head.tid());
            }
        }
    }

    private void refreshReaders() {
        readers = new Readers(seats.stream().filter(Seat::isPublished).toList());
    }

    // ---- the end of a recovery ----

    /** A short stop of commits; over when released, or when none was let pass for the answer deadline. */
    final class Hold {

        /** So many that did not come in time may come later. */
        private static final int LEFT_TO_PASS = 10;

        private final CompletableFuture<Tid> drained = new CompletableFuture<>();
        private int until = ticker.now() + patience.of(Pace.QUICK);
        private int toPass;

        /** Completes with the last transaction once none is under way. */
        CompletionStage<Tid> drained() {
            return drained;
        }

        /**
         * Lets so many more transactions pass, those that wait already or the next ones.
         *
         * @return false if the hold is over
         */
        boolean letPass(int more) {
            return CommitLane.this.letPass(this, more);
        }

        void release() {
            CommitLane.this.release(this);
        }
    }

    private record Follower(Seat seat, Consumer<String> lost) {}

    /** New transactions wait from now on, in their order. */
    Hold hold() {
        Hold hold = new Hold();
        synchronized (monitor) {
            holds.add(hold);
            judge();
        }
        actions.run();
        return hold;
    }

    private void release(Hold hold) {
        synchronized (monitor) {
            if (holds.remove(hold)) {
                actions.add(() -> hold.drained.completeExceptionally(new HoldOverException()));
                sendWaiting();
            }
        }
        actions.run();
    }

    private boolean letPass(Hold hold, int more) {
        synchronized (monitor) {
            if (!holds.contains(hold)) {
                return false;
            }
            hold.toPass = Math.min(hold.toPass, Hold.LEFT_TO_PASS) + more;
            hold.until = ticker.now() + patience.of(Pace.QUICK);
            sendWaiting();
        }
        actions.run();
        return true;
    }

    private void sendWaiting() {
        while (!settling && !waiting.isEmpty() && passesHolds()) {
            send(waiting.remove());
        }
        judge();
    }

    private boolean passesHolds() {
        if (holds.stream().anyMatch(hold -> hold.toPass == 0)) {
            return false;
        }
        holds.forEach(hold -> hold.toPass--);
        return true;
    }

    /**
     * From now on the seat gets every transaction. A commit waits for its answer, for its content may be gone afterwards,
     * but does not count on it: late or failed, it is given up.
     *
     * @param from the last transaction that has been sent to it
     * @param lost told, once, why it gets no more
     * @return whether that fits: the hold lasts, and nothing came after {@code from}
     */
    boolean join(Hold hold, Seat seat, Tid from, Consumer<String> lost) {
        synchronized (monitor) {
            boolean fits = holds.contains(hold) && pending.isEmpty() && !settling && acknowledged.equals(from);
            return fits && followers.add(new Follower(seat, lost));
        }
    }

    /**
     * From now on no transaction is acknowledged without the follower.
     *
     * @return the last transaction that was acknowledged without it; empty if it cannot join any more
     */
    Optional<Tid> require(Seat seat) {
        synchronized (monitor) {
            // While logs are opened again nobody joins: what is settled then would not be on it.
            if (settling || !followers.removeIf(f -> f.seat() == seat)) {
                return Optional.empty();
            }
            seat.role(Seat.Role.REQUIRED);
            seats.add(seat);
            return Optional.of(acknowledged);
        }
    }

    /** A seat has answered to something else than a commit: it is not dead. */
    void heard(Seat seat) {
        seat.appendAnswered(ticker.now());
    }

    /** A recovery gives up: the seat gets no more transactions, and nobody waits for it. */
    void leave(Seat seat) {
        synchronized (monitor) {
            followMembership();
            followers.removeIf(f -> f.seat() == seat);
            if (!seat.isPublished()) {
                seats.remove(seat);
                seat.role(Seat.Role.OUT);
                judge();
            }
        }
        actions.run();
    }

    private void lose(Seat seat, String why) {
        seat.role(Seat.Role.OUT);
        followers.stream().filter(f -> f.seat() == seat).findFirst().ifPresent(f -> {
            followers.remove(f);
            actions.add(() -> f.lost().accept(why));
        });
    }

    // ---- nobody knows ----

    private void settle() {
        for (Seat seat : List.copyOf(seats)) {
            if (!seat.isPublished()) {
                expelAbsent(seat, "the array asks its other members what was committed last", Tid.NONE);
            }
        }
        if (openMarks > 0) {
            return;
        }
        settling = true;
        List<Seat> doubtful = List.copyOf(seats);
        Tid before = acknowledged;
        actions.add(() -> new Settlement(keeper, doubtful, before)
                .run()
                .whenComplete((settled, failure) -> settled(settled, failure)));
    }

    private void settled(Settlement.@Nullable Settled settled, @Nullable Throwable failure) {
        synchronized (monitor) {
            settling = false;
            if (settled == null) {
                breakOff("it cannot be told what was committed last: " + Failures.text(failure), failure);
            } else {
                adopt(settled);
            }
            judge();
            sendWaiting();
        }
        actions.run();
    }

    private void adopt(Settlement.Settled settled) {
        // Who was taken out before, or could not be asked now, may have what nobody else has.
        Set<PendingAppend> maybeElsewhere = new HashSet<>();
        for (PendingAppend append : pending) {
            if (!settled.isComplete() || append.mayBeWith(Seat.Role.OUT) || append.mayBeWith(Seat.Role.FOLLOWING)) {
                maybeElsewhere.add(append);
            }
        }
        seats.forEach(seat -> seat.role(Seat.Role.OUT));
        seats.clear();
        seats.addAll(settled.seats());
        known = keeper.current();
        for (Seat seat : settled.seats()) {
            if (!isOptimal(seat)) {
                expel(seat, "taken out while it was asked what was committed last", acknowledged.after());
            }
        }
        refreshReaders();
        if (seats.isEmpty()) {
            breakOff("every member that could tell what was committed last was taken out meanwhile", null);
            return;
        }
        // All of them are ruled on as any other, in their order, once those taken out are marked.
        for (PendingAppend append : pending) {
            if (append.tid().isAfter(settled.last())) {
                append.fail(Judgement.notCarriedOut(append, maybeElsewhere.contains(append)));
            } else {
                append.settledOn(settled.seats());
            }
        }
    }

    /** Whether the log that a settlement has opened is the one that the membership counts on. */
    private boolean isOptimal(Seat seat) {
        return known.of(seat.member())
                .filter(standing -> standing.isOptimal() && standing.openLog() == seat.log())
                .isPresent();
    }

    // ---- time ----

    /** Looks for members that are late. */
    void tick() {
        synchronized (monitor) {
            followMembership();
            PendingAppend head = pending.peek();
            if (head != null && !settling) {
                lookForLate(head);
            }
            for (Follower follower : List.copyOf(followers)) {
                for (PendingAppend append : pending) {
                    if (isLate(append, follower.seat())) {
                        lose(follower.seat(), "it does not answer");
                    }
                }
            }
            judge();
            for (Hold hold : List.copyOf(holds)) {
                if (ticker.now() > hold.until) {
                    actions.add(hold::release);
                }
            }
        }
        actions.run();
    }

    private void lookForLate(PendingAppend head) {
        List<Seat> late = seats.stream().filter(seat -> isLate(head, seat)).toList();
        long open = seats.stream()
                .filter(seat -> head.answerOf(seat) == Answer.NONE)
                .count();
        boolean durable = seats.stream().anyMatch(s -> s.isPublished() && head.answerOf(s) == Answer.DURABLE);
        boolean answered = seats.stream().anyMatch(s -> s.isPublished() && head.answerOf(s) != Answer.NONE);
        if (durable || (answered && late.size() == open)) {
            late.forEach(seat -> expelAbsent(
                    seat, "no answer to transaction " + head.tid() + " within " + patience.appendText(), head.tid()));
        } else if (!answered && !late.isEmpty() && head.stallsNow()) {
            Tid tid = head.tid();
            actions.add(() -> keeper.event(
                    Severity.WARNING,
                    "",
                    "stalled",
                    "no member has answered to transaction " + tid + " within " + patience.appendText()
                            + "; nobody is blamed, commits wait"));
        }
    }

    private boolean isLate(PendingAppend append, Seat seat) {
        int since = Math.max(append.sentAt(), seat.lastAppendAnswer());
        return append.answerOf(seat) == Answer.NONE && patience.isOver(ticker.now() - since, append.transaction());
    }

    /** The array ends without waiting for members any longer: nobody knows what becomes of what is under way. */
    void giveUp() {
        synchronized (monitor) {
            refuse();
            for (PendingAppend append : pending) {
                append.fail(new OutcomeUnknownException(
                        "not all members had answered to transaction " + append.tid() + " when the array was closed"));
                actions.add(append);
            }
            pending.clear();
        }
        actions.run();
    }

    /** Refuses new transactions; those under way go on. */
    void close() {
        synchronized (monitor) {
            refuse();
        }
        actions.run();
    }

    private void refuse() {
        closed = true;
        for (PendingAppend append : waiting) {
            append.fail(new StorageClosedException("the array is closed"));
            actions.add(append);
        }
        waiting.clear();
    }
}

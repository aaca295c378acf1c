package org.zeoraid.array;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.seam.Environment;

/**
 * The recoveries of an array: begins them when an admin asks, or after a restart, hands on what an admin wants of them, and
 * lets go of them when they end or their member leaves. Safe for any number of threads.
 */
final class Recoveries {

    private final Environment environment;
    private final ArrayConfiguration configuration;
    private final SuperblockKeeper keeper;
    private final Factory factory;
    private final Runnable ended;
    private final Map<Member, Recovery> running = new HashMap<>();
    private final Map<Member, CompletableFuture<Void>> busy = new HashMap<>();
    private boolean held;

    /** Makes a recovery; does not begin it. */
    interface Factory {
        Recovery create(Member member, Superblock.RecoveryNote note);
    }

    /** @param ended told when a recovery has ended, well or not */
    Recoveries(
            Environment environment,
            ArrayConfiguration configuration,
            SuperblockKeeper keeper,
            Factory factory,
            Runnable ended) {
        this.environment = environment;
        this.configuration = configuration;
        this.keeper = keeper;
        this.factory = factory;
        this.ended = ended;
        keeper.listen(this::membershipChanged);
    }

    /**
     * Keeps recoveries from beginning while something runs that they must not meet.
     *
     * @return false if one is running or beginning
     */
    synchronized boolean hold() {
        if (held || !running.isEmpty() || !busy.isEmpty()) {
            return false;
        }
        held = true;
        return true;
    }

    /** Whether a recovery or a pack is under way, or beginning. */
    synchronized boolean isBusy() {
        return held || !running.isEmpty() || !busy.isEmpty();
    }

    synchronized void release() {
        held = false;
    }

    CompletionStage<Void> recover(String name) {
        return begin(name, Superblock.RecoveryNote.NONE);
    }

    CompletionStage<Void> rebuild(String name) {
        return begin(name, new Superblock.RecoveryNote(false, true, 0));
    }

    /** A member that was away answers again. Fails if it cannot begin; whoever asked may ask again then. */
    CompletionStage<Void> comeBack(Member member) {
        return keeper.absentees()
                .returnOf(member)
                .thenCompose(note -> note.isEmpty()
                        ? CompletableFuture.<Void>completedFuture(null)
                        : begin(member.name(), note.get()));
    }

    /** Goes on with a recovery that a stop of the array interrupted. */
    void goOn(Member member) {
        keeper.noteOf(member).thenCompose(note -> begin(member.name(), note)).whenComplete((nothing, failure) -> {
            if (failure != null) {
                keeper.event(
                        Severity.WARNING,
                        member.name(),
                        "recovery-failed",
                        "its recovery could not go on: " + Failures.text(failure));
            }
        });
    }

    private CompletionStage<Void> begin(String name, Superblock.RecoveryNote note) {
        Standing standing = named(name);
        Member member = standing.member();
        CompletableFuture<Void> free = new CompletableFuture<>();
        synchronized (this) {
            refuse(standing, note);
            CompletableFuture<Void> other = busy.putIfAbsent(member, free);
            if (other != null) {
                // The array itself, say, which looks whether a member that is back may return, and has told its answer.
                return other.thenCompose(ended -> begin(name, note));
            }
        }
        return keeper.door(member)
                .thenCompose(door -> door.readCopy()
                        .thenCompose(copy -> keeper.refuseStranger(member, copy, note.rebuild()))
                        .thenCompose(nothing -> door.open())
                        .thenCompose(log -> enter(member, door, log, note)))
                .whenComplete((nothing, failure) -> next(member, free));
    }

    /** Whoever waits for a member may have it. */
    private void next(Member member, CompletableFuture<Void> free) {
        synchronized (this) {
            busy.remove(member);
        }
        free.complete(null);
    }

    private void refuse(Standing standing, Superblock.RecoveryNote note) {
        Member member = standing.member();
        if (running.containsKey(member)) {
            throw refusal("member " + member.name() + " is being recovered already");
        }
        if (held) {
            throw refusal("a pack is running; recover member " + member.name() + " when it has ended");
        }
        MemberState state = standing.state();
        if (state == MemberState.OPTIMAL || state == MemberState.RECOVERING) {
            throw refusal("member " + member.name() + " is " + state.word() + "; there is nothing to recover");
        }
        if (state == MemberState.DIVERGED && !note.rebuild()) {
            throw refusal("member " + member.name() + " has diverged: " + standing.reason()
                    + ". Only a full rebuild takes it back; what it holds is set aside then");
        }
    }

    private CompletionStage<Void> enter(
            Member member, MemberDoor door, TransactionLog log, Superblock.RecoveryNote note) {
        return Timed.within(
                        environment,
                        configuration.options().answerDeadline(),
                        Timed.ask(log::lastTid),
                        "member " + member.name() + " did not tell its last transaction")
                .thenCompose(last -> refuseTwin(member, log)
                        .thenCompose(nothing -> believed(member, last, note))
                        .thenCompose(believed -> keeper.recovering(member, log, last, believed)))
                .thenCompose(nothing -> keeper.noteOf(member))
                .<Void>handle((noted, failure) -> {
                    if (failure != null) {
                        door.close(log);
                        throw new CompletionException(Failures.cause(failure));
                    }
                    start(member, noted);
                    return null;
                });
    }

    /** Two members that are one storage would be one copy that counts twice. */
    private CompletionStage<Void> refuseTwin(Member member, TransactionLog log) {
        Optional<Member> twin = keeper.current().members().stream()
                .filter(other -> other.member() != member)
                .filter(other -> isSame(other.openLog(), log))
                .map(Standing::member)
                .findFirst();
        if (twin.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        String why = "is the same storage as member " + twin.get().name() + ": check its address";
        return keeper.absentees().staysOut(member, why, Seat.Fault.SERVICE).thenCompose(nothing -> {
            throw refusal("member " + member.name() + " " + why);
        });
    }

    private static boolean isSame(@Nullable TransactionLog one, TransactionLog other) {
        return one != null && one.identity().isPresent() && one.identity().equals(other.identity());
    }

    /**
     * Judges a member that others may write to, by what it must have and what it cannot have. A recovery that an admin asked
     * for goes on, and compares everything, where one that began by itself stops.
     */
    private CompletionStage<Superblock.RecoveryNote> believed(Member member, Tid last, Superblock.RecoveryNote note) {
        if (!member.source().returnsByItself()) {
            return CompletableFuture.completedFuture(note);
        }
        member.doubtful(last.isAfter(member.sentAtMost()));
        Tid had = member.lastSeen();
        if (note.rebuild() || !had.isAfter(last)) {
            return CompletableFuture.completedFuture(note);
        }
        String why = "ends with transaction " + last + " and had " + had
                + " before: it lost data, or was restored from a backup";
        if (note.away()) {
            return keeper.absentees()
                    .staysOut(member, why + "; recover it, then everything is compared", Seat.Fault.CONTENT)
                    .thenCompose(nothing -> {
                        throw refusal("member " + member.name() + " " + why);
                    });
        }
        keeper.event(Severity.WARNING, member.name(), "lost-data", why + "; everything is compared");
        return keeper.note(member, note.distrusted(true)).thenApply(nothing -> note);
    }

    private void start(Member member, Superblock.RecoveryNote note) {
        Recovery recovery;
        try {
            recovery = factory.create(member, note);
        } catch (RuntimeException e) {
            keeper.degrade(member, "its recovery could not begin: " + Failures.text(e), Tid.NONE);
            throw e;
        }
        synchronized (this) {
            running.put(member, recovery);
        }
        if (note.bytesPerSecond() > 0) {
            recovery.throttle(note.bytesPerSecond());
        }
        if (note.paused()) {
            recovery.pause();
        }
        recovery.start().whenComplete((nothing, failure) -> {
            synchronized (this) {
                running.remove(member, recovery);
            }
            if (failure != null) {
                keeper.degrade(member, "its recovery failed: " + Failures.text(failure), Tid.NONE);
            }
            ended.run();
        });
        // It may have been taken out between the decision and now.
        if (!keeper.current().isIn(member, MemberState.RECOVERING)) {
            recovery.cancel();
        }
    }

    private void membershipChanged(Membership membership) {
        List<Recovery> over;
        synchronized (this) {
            over = running.values().stream()
                    .filter(r -> !membership.isIn(r.member(), MemberState.RECOVERING))
                    .toList();
        }
        over.forEach(Recovery::cancel);
    }

    CompletionStage<Void> pause(String name) {
        return change(name, Recovery::pause, note -> note.paused(true));
    }

    CompletionStage<Void> resume(String name) {
        return change(name, Recovery::resume, note -> note.paused(false));
    }

    CompletionStage<Void> throttle(String name, long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new AdministrationException(Refusal.INVALID, "a bound of bytes a second is not negative");
        }
        return change(name, recovery -> recovery.throttle(bytesPerSecond), note -> note.throttled(bytesPerSecond));
    }

    private interface Wish {
        void tell(Recovery recovery);
    }

    private interface Remark {
        Superblock.RecoveryNote change(Superblock.RecoveryNote note);
    }

    private CompletionStage<Void> change(String name, Wish wish, Remark remark) {
        Member member = named(name).member();
        Recovery recovery = find(member);
        if (recovery == null) {
            throw refusal("member " + name + " is not being recovered");
        }
        wish.tell(recovery);
        return keeper.noteOf(member).thenCompose(note -> keeper.note(member, remark.change(note)));
    }

    private synchronized @Nullable Recovery find(Member member) {
        return running.get(member);
    }

    /** What is being done to a member. */
    Optional<OperationStatus> status(Member member) {
        Recovery recovery = find(member);
        return recovery == null ? Optional.empty() : Optional.of(recovery.status());
    }

    /** Stops all recoveries as the process ends; they go on at the next start. */
    CompletionStage<Void> interrupt() {
        List<Recovery> all;
        synchronized (this) {
            held = true;
            all = List.copyOf(running.values());
        }
        all.forEach(Recovery::cancel);
        return CompletableFuture.completedFuture(null);
    }

    /** Carries out an admin's request for a member that nothing else is done to meanwhile. */
    <T> CompletionStage<T> alone(Member member, Supplier<CompletionStage<T>> request) {
        CompletableFuture<Void> free = new CompletableFuture<>();
        synchronized (this) {
            if (busy.putIfAbsent(member, free) != null) {
                throw refusal("something else is being done to member " + member.name() + " just now");
            }
        }
        return Timed.ask(request).whenComplete((value, failure) -> next(member, free));
    }

    Standing named(String name) {
        Membership membership = keeper.current();
        if (membership.members().isEmpty()) {
            throw refusal("array " + configuration.name() + " does not serve: " + membership.stopped());
        }
        return membership
                .named(name)
                .orElseThrow(() -> new AdministrationException(
                        Refusal.UNKNOWN, "array " + configuration.name() + " has no member " + name));
    }

    static AdministrationException refusal(String text) {
        return new AdministrationException(Refusal.WRONG_STATE, text);
    }
}

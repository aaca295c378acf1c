package org.zeoraid.array;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.seam.Environment;

/**
 * The recovery of a member while the array works. It finds the last transaction that both have (see {@link CommonPoint}),
 * cuts off what was never acknowledged, copies what is missing (see {@link LogCopy}), as fast as the commits that go on
 * meanwhile bear (see {@link CopyPace}), until little is left. Then it holds commits for an instant, sends the rest, and has
 * the member follow every commit from there on; once the member has shown that it keeps up, commits count on it, and only
 * then the keeper is told that it is optimal. So nothing is missed, nothing comes twice, and commits are not held while
 * disks are waited for.
 *
 * <p>A member that was taken out for what it holds is read whole and compared first, see {@link ContentCheck}; if it cannot
 * be believed it stays out.
 *
 * <p>Begun again after a stop of any kind it finds its place by itself. Its steps run on a worker of its own.
 */
final class Resync implements Recovery {

    /** So few transactions may be sent while commits are held. */
    private static final int LITTLE = 20;

    private static final int MOST_SWITCHES = 50;
    private static final int MOST_BEGINNINGS = 3;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);
    private static final Duration LOOK_FOR_COMMIT = Duration.ofMillis(100);

    private final Environment environment;
    private final ArrayOptions options;
    private final ReplicatedLog array;
    private final CommitLane lane;
    private final MembershipKeeper keeper;
    private final Member member;
    private final Reach reach;
    private final TransactionLog target;
    private final boolean rebuild;
    private final boolean byItself;
    private boolean distrusted;
    private final Environment.Worker worker;
    private final CopyPace pace;
    private final Brake brake;
    private final ResyncProgress progress;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Optional<Seat> following = Optional.empty();
    private volatile String lost = "";
    private int beginnings;
    private int switches;

    /** A member that has gone its own way. */
    private static final class DivergedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DivergedException(String reason) {
            super(reason);
        }
    }

    /** What only an admin may decide. */
    private static final class AdminNeededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AdminNeededException(String reason) {
            super(reason);
        }
    }

    private Resync(
            Environment environment,
            ArrayOptions options,
            ReplicatedLog array,
            MembershipKeeper keeper,
            Member member,
            Reach reach,
            Superblock.RecoveryNote note) {
        this.environment = environment;
        this.options = options;
        this.array = array;
        this.lane = array.path().lane();
        this.keeper = keeper;
        this.member = member;
        this.reach = reach;
        this.target = new ReachedLog(reach);
        this.rebuild = note.rebuild();
        this.byItself = note.away();
        this.distrusted = note.distrusted();
        this.worker = environment.worker("recovery-" + member.name());
        this.pace = new CopyPace(environment, lane.meter());
        this.brake = new Brake(lane, pace);
        this.progress = new ResyncProgress(environment, rebuild ? "rebuild" : "recover");
    }

    /** A recovery of a member that is recovering and whose log is open. */
    static Recovery create(
            Environment environment,
            ArrayOptions options,
            ReplicatedLog array,
            MembershipKeeper keeper,
            Member member,
            Superblock.RecoveryNote note) {
        TransactionLog log = keeper.current()
                .of(member)
                .flatMap(Standing::log)
                .orElseThrow(() -> new StorageUnavailableException("member " + member + " is not open"));
        return new Resync(environment, options, array, keeper, member, keeper.reach(member, log), note);
    }

    @Override
    public Member member() {
        return member;
    }

    @Override
    public OperationStatus status() {
        return progress.status(pace);
    }

    @Override
    public void pause() {
        pace.pause();
        brake.letGo();
    }

    @Override
    public void resume() {
        pace.resume();
    }

    @Override
    public void throttle(long bytesPerSecond) {
        pace.throttle(bytesPerSecond);
        brake.letGo();
    }

    @Override
    public void cancel() {
        pace.cancel();
    }

    @Override
    public CompletionStage<Void> start() {
        onWorker(() -> rebuild ? emptied() : begin())
                .handle((nothing, failure) -> end(failure))
                .thenCompose(stage -> stage)
                .whenComplete((nothing, failure) -> {
                    brake.release();
                    worker.execute(worker::close); // from within: it may hang in a member that does not answer
                    ended.complete(null);
                });
        return ended;
    }

    private <T> CompletionStage<T> onWorker(Supplier<CompletionStage<T>> step) {
        return Loop.once(worker, step);
    }

    // ---- where to begin ----

    private CompletionStage<Void> begin() {
        return pace.permit()
                .thenCompose(nothing -> distrusted ? sound() : CompletableFuture.completedFuture(null))
                .thenCompose(nothing -> onWorker(() -> {
                    progress.phase("compares histories");
                    return new CommonPoint(worker, array, target).find();
                }))
                .thenCompose(found -> {
                    if (found instanceof CommonPoint.Found.Common common) {
                        return common.tail() == 0 ? goOnAfter(common.tid()) : cutTail(common);
                    }
                    if (found instanceof CommonPoint.Found.PackedPast past && byItself) {
                        throw new AdminNeededException("it was away, and " + past.reason()
                                + ": everything has to be copied. Empty it by hand, if its kind cannot set aside what it"
                                + " holds, and rebuild it");
                    }
                    if (found instanceof CommonPoint.Found.PackedPast past) {
                        keeper.event(
                                Severity.INFO,
                                member.name(),
                                "packed-past",
                                past.reason() + ": what it holds is set aside, and everything is copied");
                        return emptied();
                    }
                    throw new DivergedException(((CommonPoint.Found.Diverged) found).reason());
                });
    }

    private CompletionStage<Void> cutTail(CommonPoint.Found.Common common) {
        progress.phase("cuts off what the array does not hold");
        return Timed.recover(Timed.ask(() -> target.cutTail(common.tid())), failure -> {
                    if (failure instanceof ReadOnlyException) {
                        throw new DivergedException("after transaction " + common.tid() + " it holds "
                                + Count.of(common.tail(), "transaction")
                                + " that the array does not hold, and its kind cannot cut them off: "
                                + failure.getMessage());
                    }
                    return CompletableFuture.failedFuture(failure);
                })
                .thenCompose(place -> {
                    keeper.event(
                            Severity.WARNING,
                            member.name(),
                            "tail-cut",
                            Count.of(common.tail(), "transaction") + " after " + common.tid()
                                    + " that the array does not hold: cut off, and kept in " + place);
                    member.resetSeen(common.tid());
                    return goOnAfter(common.tid());
                });
    }

    private CompletionStage<Void> sound() {
        progress.phase("reads everything");
        return contentCheck().sound();
    }

    private CompletionStage<Void> goOnAfter(Tid common) {
        if (!distrusted) {
            return copyAfter(common);
        }
        progress.phase("compares everything");
        return contentCheck().equalUpTo(common).thenCompose(nothing -> copyAfter(common));
    }

    private ContentCheck contentCheck() {
        return new ContentCheck(worker, pace, array, target);
    }

    private CompletionStage<Void> emptied() {
        progress.phase("sets aside what it holds");
        return pace.permit()
                .thenCompose(nothing -> target.lastTid())
                .thenCompose(last -> last.equals(Tid.NONE)
                        ? CompletableFuture.completedFuture("")
                        : Timed.recover(target.setAside(), this::cannotBeEmptied))
                .thenCompose(place -> {
                    if (!place.isEmpty()) {
                        keeper.event(
                                Severity.WARNING,
                                member.name(),
                                "set-aside",
                                "all that it held is kept in " + place + "; delete it when it is not needed");
                    }
                    member.resetSeen(Tid.NONE);
                    distrusted = false;
                    return keeper.contentSetAside(member);
                })
                .thenCompose(nothing -> copyAfter(Tid.NONE));
    }

    private CompletionStage<String> cannotBeEmptied(Throwable failure) {
        if (failure instanceof ReadOnlyException) {
            throw new DivergedException(
                    "its kind cannot set aside what it holds; empty it by hand: " + failure.getMessage());
        }
        return CompletableFuture.failedFuture(failure);
    }

    // ---- copying ----

    private CompletionStage<Void> copyAfter(Tid common) {
        progress.phase("copies");
        LogCopy copy =
                new LogCopy(worker, environment, options.openDeadline(), array, reach, pace, common, new Listening());
        return arrayPackedTo().thenCompose(packed -> catchUp(copy)
                .thenCompose(nothing -> arrayPackedTo())
                .thenCompose(packedNow -> {
                    if (!packedNow.equals(packed)) {
                        return beginAgain("the array was packed meanwhile");
                    }
                    return takeIn(copy);
                }));
    }

    private CompletionStage<Tid> arrayPackedTo() {
        return Timed.within(
                environment, options.openDeadline(), array.packedTo(), "an optimal member did not tell its pack");
    }

    private CompletionStage<Void> beginAgain(String why) {
        if (++beginnings > MOST_BEGINNINGS) {
            throw new StorageUnavailableException("it began again too often; at last because " + why);
        }
        return begin();
    }

    private final class Listening implements LogCopy.Listener {

        @Override
        public void copied(int transactions, long bytes, Tid last) {
            progress.copied(transactions, bytes);
            member.seen(last);
        }

        @Override
        public void halfDone(int transactions, long weight) {
            brake.copied(pace.inCommits(transactions, weight) / 2);
            following.ifPresent(lane::heard);
        }
    }

    /** Copies in rounds, until one is little. */
    private CompletionStage<Void> catchUp(LogCopy copy) {
        brake.ready();
        return Loop.on(worker, () -> estimate()
                .thenCompose(nothing -> onWorker(() -> copy.sendTo(lane.acknowledged())))
                .thenCompose(count -> copy.finish().thenApply(nothing -> count > LITTLE)));
    }

    /** Sizes of files are all that is known without reading them. */
    private CompletionStage<Void> estimate() {
        return array.stats().thenCombine(target.stats(), (ours, its) -> {
            progress.remaining(ours.bytes() - its.bytes());
            return null;
        });
    }

    // ---- the switch ----

    private CompletionStage<Void> takeIn(LogCopy copy) {
        if (member.isDoubtful() && progress.transactions() == 0) {
            return proven(copy).thenCompose(nothing -> takeIn(copy));
        }
        progress.phase("joins");
        Seat seat = new Seat(member, reach.log(), Seat.Role.FOLLOWING);
        following = Optional.of(seat);
        return Loop.on(worker, () -> join(copy, seat).thenApply(joined -> !joined))
                .thenCompose(nothing -> copy.finish())
                .thenCompose(nothing -> follow(seat))
                .thenCompose(nothing -> keeper.optimal(member))
                .thenRun(() -> tellOfMissing(copy.missingBlobs()))
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        lane.leave(seat);
                    } else {
                        lane.membershipChanged();
                    }
                });
    }

    private void tellOfMissing(MissingBlobs blobs) {
        if (blobs.count() > 0) {
            keeper.event(
                    Severity.WARNING,
                    member.name(),
                    "blobs-missing",
                    "the files of " + Count.of(blobs.count(), "blob")
                            + " were not copied, for no member has them; the first: " + blobs.first());
        }
    }

    /**
     * A member that holds what it was not sent, and cannot tell which storage it is, may be another member's by another
     * address. A commit that it has not got, and takes when it is sent, shows that it is not.
     */
    private CompletionStage<Void> proven(LogCopy copy) {
        progress.phase("waits for a commit that shows whether it is another member's storage");
        Tid before = lane.acknowledged();
        return Loop.on(worker, () -> pace.permit().thenCompose(nothing -> {
                    if (lane.acknowledged().isAfter(before)) {
                        return CompletableFuture.completedFuture(false);
                    }
                    CompletableFuture<Boolean> again = new CompletableFuture<>();
                    environment.schedule(LOOK_FOR_COMMIT, () -> again.complete(true));
                    return again;
                }))
                .thenCompose(nothing -> target.lastTid())
                .thenCompose(last -> {
                    if (last.isAfter(before)) {
                        throw new AdminNeededException("it got transaction " + last
                                + ", which was not sent to it: it is the same storage as another member, or another"
                                + " server writes to it; check its address");
                    }
                    return catchUp(copy);
                });
    }

    /** Holds commits, sends what is left, and has the member follow. */
    private CompletionStage<Boolean> join(LogCopy copy, Seat seat) {
        if (++switches > MOST_SWITCHES) {
            throw new StorageUnavailableException("it cannot keep up with the commits");
        }
        return pace.permit().thenCompose(nothing -> catchUp(copy)).thenCompose(nothing -> {
            CommitLane.Hold hold = lane.hold();
            brake.release();
            return hold.drained()
                    .thenCompose(last -> onWorker(() -> copy.sendRest(last)))
                    .thenApply(nothingElse -> lane.join(hold, seat, copy.sent(), why -> lost = why))
                    .handle((joined, failure) -> {
                        hold.release();
                        if (failure == null) {
                            return CompletableFuture.completedFuture(joined);
                        }
                        // Held too long: commits go on, and it is tried again.
                        return Failures.cause(failure) instanceof HoldOverException
                                ? CompletableFuture.completedFuture(false)
                                : CompletableFuture.<Boolean>failedFuture(Failures.cause(failure));
                    })
                    .thenCompose(stage -> stage);
        });
    }

    /** Has commits count on the member, and waits until it has shown all that was acknowledged without it. */
    private CompletionStage<Void> follow(Seat seat) {
        Optional<Tid> bound = lane.require(seat);
        if (bound.isEmpty()) {
            throw new StorageUnavailableException(lost.isEmpty() ? "it was taken out while it joined" : lost);
        }
        long due = environment.nanoTime() + options.openDeadline().toNanos();
        return Loop.on(worker, () -> {
            if (member.lastSeen().compareTo(bound.get()) >= 0) {
                return CompletableFuture.completedFuture(false);
            }
            if (!keeper.current().isIn(member, MemberState.RECOVERING)) {
                throw new StorageUnavailableException("it was taken out while it joined");
            }
            if (environment.nanoTime() - due > 0) {
                throw new StorageUnavailableException("it does not show transaction " + bound.get());
            }
            CompletableFuture<Boolean> again = new CompletableFuture<>();
            environment.schedule(LOOK_AGAIN, () -> again.complete(true));
            return again;
        });
    }

    // ---- the end ----

    private CompletionStage<Void> end(Throwable thrown) {
        if (thrown == null) {
            keeper.event(
                    Severity.INFO,
                    member.name(),
                    "recovered",
                    "its recovery copied and compared " + Count.of(progress.transactions(), "transaction") + ", "
                            + Count.of(progress.bytes(), "byte"));
            return CompletableFuture.completedFuture(null);
        }
        if (pace.isCancelled()) {
            // What fails while an array stops is not held against the member: the next start goes on.
            return CompletableFuture.completedFuture(null);
        }
        Throwable failure = Failures.cause(thrown);
        return out(failure).handle((verdict, unwritten) -> null);
    }

    private CompletionStage<MembershipKeeper.Verdict> out(Throwable failure) {
        String text = Failures.text(failure);
        if (failure instanceof DivergedException) {
            return keeper.diverged(member, text);
        }
        if (distrusted && failure instanceof CorruptedException) {
            return keeper.distrust(member, "it is damaged, rebuild it: " + text, firstMissed());
        }
        if (failure instanceof ContentCheck.NotBelievedException) {
            return keeper.distrust(member, text, firstMissed());
        }
        if (failure instanceof AdminNeededException) {
            return keeper.degrade(member, text, firstMissed());
        }
        String why = "its recovery failed: " + text;
        return Failures.isAbsence(failure)
                ? keeper.away(member, why, firstMissed())
                : keeper.degrade(member, why, firstMissed());
    }

    private Tid firstMissed() {
        return keeper.current().of(member).map(Standing::firstMissed).orElse(Tid.NONE);
    }
}

package org.zeoraid.array;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.Environment;

/**
 * The keeper of a real array: decides on one worker, one thing at a time, and writes each decision into the superblock
 * before it counts.
 *
 * <p>A move that takes a member out is seen by readers at once and counts when it is written; a move that takes one in is
 * written first and seen then.
 */
final class SuperblockKeeper implements MembershipKeeper {

    private final Environment environment;
    private final ArrayConfiguration configuration;
    private final Environment.Worker worker;
    private final Roster roster;
    private final Consumer<List<MemberDoor>> brokenDown;
    private volatile Supplier<Tid> sent = () -> Tid.MAX;

    /** @param brokenDown told, with the members' doors, when the array has to be assembled again */
    SuperblockKeeper(
            Environment environment,
            ArrayConfiguration configuration,
            EventLog events,
            SuperblockPlace state,
            Consumer<List<MemberDoor>> brokenDown) {
        this.brokenDown = brokenDown;
        this.environment = environment;
        this.configuration = configuration;
        this.worker = environment.worker("membership-" + configuration.name());
        this.roster = new Roster(environment, configuration, events, state, worker, this::breakDown);
    }

    /** Who to ask for the last transaction that any member was sent. */
    void asksForTheLastSent(Supplier<Tid> whom) {
        sent = whom;
    }

    @Override
    public Membership current() {
        return roster.current();
    }

    @Override
    public Runnable listen(Consumer<Membership> listener) {
        return roster.listen(listener);
    }

    @Override
    public void acknowledged(Tid tid) {
        roster.acknowledged(tid);
    }

    /** The last transaction that was acknowledged, or found at the assembly. */
    Tid lastAcknowledged() {
        return roster.lastAcknowledged();
    }

    /** How often a move was made since the start. */
    long count(Move move) {
        return roster.count(move);
    }

    @Override
    public void event(Severity severity, String member, String kind, String text) {
        roster.event(severity, member, kind, text);
    }

    /** Has something decided, one thing at a time. */
    <T> CompletionStage<T> decide(Supplier<CompletionStage<T>> decision) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            worker.execute(() -> Timed.ask(decision).whenComplete((value, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(Failures.cause(failure));
                } else {
                    answer.complete(value);
                }
            }));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new ArrayFailedException("array " + configuration.name() + " is closed", e));
        }
        return answer;
    }

    private static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    /** What became of an array that began to serve. */
    enum Begun {
        SERVES,
        /** It broke down, or was closed, before all members knew of it; whoever is told of that goes on from there. */
        BROKE_DOWN
    }

    /**
     * Begins to serve with what an assembly has found. Logs of members that do not come in optimal are closed. If the stage
     * fails nothing has begun, and the logs and doors are the caller's as before; else they are the keeper's.
     *
     * @param base the superblock to go on from; its generation is counted up, its members are replaced
     */
    CompletionStage<Begun> establish(Superblock base, List<Founder> founders) {
        return decide(() -> {
            if (roster.hasEnded() || !roster.dossiers().isEmpty()) {
                throw new ArrayFailedException(
                        "array " + configuration.name() + " has its members already, or is closed");
            }
            List<Dossier> fresh = new ArrayList<>();
            Instant now = environment.clock().instant();
            for (Founder founder : founders) {
                Standing start = new Standing(
                        founder.member(),
                        MemberState.WAITING,
                        founder.reason(),
                        now,
                        founder.firstMissed(),
                        founder.log());
                Dossier dossier = new Dossier(founder.member(), founder.door(), start);
                dossier.ours(founder.folder() == Founder.OwnFolder.OURS);
                dossier.owesPack(founder.owesPack());
                dossier.recovery(founder.recovery());
                fresh.add(dossier);
            }
            roster.base(base);
            roster.dossiers(fresh);
            for (int i = 0; i < founders.size(); i++) {
                Founder founder = founders.get(i);
                Dossier dossier = fresh.get(i);
                founder.move().ifPresent(move -> roster.move(dossier, move, founder.reason(), founder.firstMissed()));
            }
            roster.changed();
            return roster.trySave()
                    .handle((saved, failure) -> {
                        if (saved == null) {
                            // The assembly goes on, and alone: nothing here may try again, or give up, on what it has.
                            roster.forget();
                            return CompletableFuture.<Begun>failedFuture(Failures.cause(failure));
                        }
                        fresh.stream().filter(d -> !d.standing().isOptimal()).forEach(roster::closeLog);
                        roster.serve();
                        return saved.copied()
                                .handle((nothing, worse) -> worse == null ? Begun.SERVES : Begun.BROKE_DOWN);
                    })
                    .thenCompose(stage -> stage);
        });
    }

    @Override
    public void broken(String reason) {
        decide(() -> {
            breakDown(reason);
            return done();
        });
    }

    private void breakDown(String reason) {
        if (roster.hasEnded() || roster.dossiers().isEmpty()) {
            return;
        }
        event(Severity.ERROR, "", "broken", reason + "; all members are opened again and compared");
        roster.trySave();
        List<MemberDoor> doors = new ArrayList<>();
        for (Dossier dossier : roster.dossiers()) {
            roster.closeLog(dossier);
            doors.add(dossier.door());
        }
        roster.breakDown(reason);
        brokenDown.accept(doors);
    }

    @Override
    public CompletionStage<Verdict> degrade(Member member, String reason, Tid firstMissed) {
        return takeOut(member, Move.FAILED, reason, firstMissed, Blame.OTHER);
    }

    @Override
    public CompletionStage<Verdict> away(Member member, String reason, Tid firstMissed) {
        return takeOut(member, Move.FAILED, reason, firstMissed, Blame.AWAY);
    }

    @Override
    public CompletionStage<Verdict> distrust(Member member, String reason, Tid firstMissed) {
        return takeOut(member, Move.FAILED, reason, firstMissed, Blame.CONTENT);
    }

    @Override
    public CompletionStage<Verdict> diverged(Member member, String reason) {
        return takeOut(member, Move.DIVERGED_HISTORY, reason, Tid.NONE, Blame.OTHER);
    }

    /** An admin takes a member out. */
    CompletionStage<Verdict> disable(Member member, String reason) {
        return takeOut(member, Move.TAKEN_OUT, reason, Tid.NONE, Blame.OTHER);
    }

    /** What a member is taken out for. */
    private enum Blame {
        /** It could not be reached. */
        AWAY,
        /** What it holds is wrong. */
        CONTENT,
        OTHER
    }

    private CompletionStage<Verdict> takeOut(Member member, Move move, String reason, Tid firstMissed, Blame blame) {
        return decide(() -> {
            Dossier dossier = roster.find(member);
            if (roster.dossiers().isEmpty()) {
                throw new ArrayFailedException(current().stopped());
            }
            if (dossier == null) {
                // It left with a configuration; what says so may still be on its way to the disk.
                return roster.save().thenApply(nothing -> Verdict.OUT);
            }
            if (dossier.standing().isOptimal() && roster.optimalCount() == 1) {
                return done(Verdict.LAST_OPTIMAL);
            }
            if (blame == Blame.CONTENT) {
                dossier.recovery(dossier.recovery().distrusted(true));
            }
            if (move.isLegalFrom(dossier.standing().state())) {
                boolean recovering = dossier.standing().state() == MemberState.RECOVERING;
                dossier.recovery(dossier.recovery().away(blame == Blame.AWAY));
                roster.move(dossier, move, reason, firstMissed);
                roster.closeLog(dossier);
                roster.publish();
                if (recovering) {
                    // Now that all know of it nothing more is sent to it. What an optimal one was sent, the lane knows.
                    member.sentAtMost(sent.get());
                }
            } else if (move != Move.FAILED) {
                throw Roster.illegal(dossier, move);
            }
            return roster.save().thenApply(nothing -> Verdict.OUT);
        });
    }

    @Override
    public CompletionStage<Void> optimal(Member member) {
        return decide(() -> {
            Dossier dossier = roster.need(member);
            roster.move(dossier, Move.RECOVERED, "", Tid.NONE);
            dossier.recovery(Superblock.RecoveryNote.NONE);
            // A write that failed may have reached the disk all the same. So nothing is taken back: the recovery, and
            // every commit that counts on the member by now, waits until it is known to be written, or the array breaks
            // down.
            CompletionStage<Void> saved = roster.save();
            roster.publish();
            return saved;
        });
    }

    /**
     * A member begins to be recovered, or rebuilt.
     *
     * @param log its open log
     * @param last the last transaction that it holds
     */
    CompletionStage<Void> recovering(Member member, TransactionLog log, Tid last, Superblock.RecoveryNote note) {
        return decide(() -> {
            if (roster.hasEnded()) {
                throw new ArrayFailedException(current().stopped()); // the log would stay open
            }
            Dossier dossier = roster.need(member);
            Move move = note.rebuild() ? Move.REBUILD : Move.RECOVERY;
            if (!move.isLegalFrom(dossier.standing().state())) {
                throw Roster.illegal(dossier, move);
            }
            if (roster.optimalCount() == 0) {
                throw new AdministrationException(
                        AdministrationException.Refusal.WRONG_STATE, "there is no optimal member to copy from");
            }
            Tid missed = dossier.standing().firstMissed();
            String reason = note.rebuild() ? "is being rebuilt from nothing" : "gets what it missed";
            dossier.standing(dossier.standing().withLog(log));
            dossier.ours(true);
            dossier.recovery(note.distrusted(dossier.recovery().distrusted()));
            member.resetSeen(last);
            roster.move(dossier, move, reason, missed);
            roster.publish();
            return roster.save();
        });
    }

    /**
     * Fails with an {@link AdministrationException} if what lies beside a member says that it is another array's, or another
     * member. Content that is set aside by a rebuild may be anybody's.
     */
    CompletionStage<Void> refuseStranger(Member member, SuperblockFile.Found copy, boolean rebuild) {
        return decide(() -> {
            if (rebuild || !(copy instanceof SuperblockFile.Found.Copy there)) {
                return done();
            }
            boolean otherArray = !there.superblock().arrayId().equals(roster.arrayId());
            Optional<String> otherMember = roster.dossiers().stream()
                    .map(Dossier::member)
                    .filter(m -> m != member && m.id().equals(there.owner()))
                    .map(Member::name)
                    .findFirst();
            if (!otherArray && otherMember.isEmpty()) {
                return done();
            }
            throw new AdministrationException(
                    AdministrationException.Refusal.WRONG_STATE,
                    "the folder of member " + member.name() + " belongs to "
                            + otherMember.map(name -> "member " + name).orElse("another array")
                            + ": check the path; only a full rebuild takes it over");
        });
    }

    /** A member that was not seen since the start is back; an admin may recover it. */
    CompletionStage<Void> foundStale(Member member, String reason) {
        return decide(() -> {
            Dossier dossier = roster.find(member);
            if (dossier == null || dossier.standing().state() != MemberState.WAITING) {
                return done();
            }
            roster.move(dossier, Move.FOUND_STALE, reason, dossier.standing().firstMissed());
            roster.publish();
            return roster.save();
        });
    }

    /** What is decided of members that are away. */
    Absentees absentees() {
        return new Absentees(this, roster);
    }

    /** What is decided of packs. */
    OwedPacks packs() {
        return new OwedPacks(this, roster);
    }

    /** Remembers over restarts what an admin asked of a recovery. */
    CompletionStage<Void> note(Member member, Superblock.RecoveryNote note) {
        return decide(() -> {
            Dossier dossier = roster.need(member);
            boolean distrusted = note.distrusted() || dossier.recovery().distrusted();
            dossier.recovery(note.distrusted(distrusted).away(dossier.recovery().away()));
            return roster.save();
        });
    }

    @Override
    public CompletionStage<Void> contentSetAside(Member member) {
        return decide(() -> {
            Dossier dossier = roster.need(member);
            Superblock.RecoveryNote note = dossier.recovery();
            // With the content goes what was held against it.
            dossier.recovery(
                    new Superblock.RecoveryNote(note.paused(), false, note.bytesPerSecond()).away(note.away()));
            return roster.save();
        });
    }

    /** How a member's recovery is to go on. */
    CompletionStage<Superblock.RecoveryNote> noteOf(Member member) {
        return decide(() -> done(roster.need(member).recovery()));
    }

    @Override
    public CompletionStage<Void> stop(String reason) {
        return decide(() -> {
            if (roster.dossiers().isEmpty()) {
                throw new ArrayFailedException(current().stopped());
            }
            if (roster.stopped().isBlank()) {
                roster.stopped(reason);
                roster.changed();
                roster.publish();
                String hint = "; nothing is written until an admin assembles the array by force";
                event(Severity.ERROR, "", "stopped", reason + hint);
            }
            return roster.save();
        });
    }

    /** An admin has decided that writing goes on. */
    CompletionStage<Void> goOn() {
        return decide(() -> {
            roster.stopped("");
            roster.changed();
            return roster.save()
                    .thenCompose(nothing -> decide(() -> {
                        roster.publish();
                        event(Severity.WARNING, "", "forced", "writing goes on, as an admin decided");
                        return done();
                    }));
        });
    }

    @Override
    public CompletionStage<Standing> reopen(Member member) {
        return decide(() -> {
            Dossier dossier = roster.need(member);
            TransactionLog log = dossier.takeLog();
            roster.publish();
            CompletionStage<Void> closed = log == null ? done() : dossier.door().close(log);
            return Timed.within(
                            environment,
                            configuration.options().openDeadline(),
                            closed,
                            "member " + member.name() + " did not close")
                    .thenCompose(nothing -> dossier.door().open())
                    .thenCompose(opened -> Timed.within(
                                    environment,
                                    configuration.options().answerDeadline(),
                                    Timed.ask(opened::lastTid),
                                    "member " + member.name() + " did not tell its last transaction")
                            .handle((last, failure) -> decide(() -> reopened(dossier, opened, last, failure)))
                            .thenCompose(stage -> stage));
        });
    }

    @Override
    public Reach reach(Member member, TransactionLog log) {
        CompletionStage<Reach> there = door(member).thenApply(door -> door.reach(log));
        return new Reach() {
            @Override
            public TransactionLog log() {
                return log;
            }

            @Override
            public LifeSigns signs() {
                return new LifeSigns(environment::nanoTime);
            }

            @Override
            public <T> CompletionStage<T> ask(
                    Duration more, LifeSigns signs, Supplier<CompletionStage<T>> question, String what) {
                return there.thenCompose(reach -> reach.ask(more, signs, question, what));
            }
        };
    }

    private CompletionStage<Standing> reopened(
            Dossier dossier, TransactionLog log, @Nullable Tid last, @Nullable Throwable failure) {
        MemberState state = dossier.standing().state();
        boolean wanted = state == MemberState.OPTIMAL || state == MemberState.RECOVERING;
        if (last == null || !wanted || dossier.standing().openLog() != null || roster.hasEnded()) {
            dossier.door().close(log);
            String text = "member " + dossier.member().name() + " is " + state.word() + " by now";
            return CompletableFuture.failedFuture(
                    failure != null ? Failures.cause(failure) : new StorageUnavailableException(text));
        }
        dossier.member().resetSeen(last);
        dossier.standing(dossier.standing().withLog(log));
        roster.publish();
        return done(dossier.standing());
    }

    /** A member that came with a new configuration. */
    record Newcomer(Member member, MemberDoor door) {}

    /**
     * Takes in new members, degraded, and lets go of others.
     *
     * @param order the members of the new configuration
     * @throws AdministrationException (in the stage) if no optimal member would be left
     */
    CompletionStage<Void> reconfigure(List<Member> order, List<Newcomer> added) {
        return decide(() -> {
            List<Dossier> next = new ArrayList<>();
            List<Dossier> fresh = new ArrayList<>();
            Instant now = environment.clock().instant();
            for (Member member : order) {
                Dossier known = roster.find(member);
                if (known != null) {
                    next.add(known);
                }
                for (Newcomer newcomer : added) {
                    if (newcomer.member() == member) {
                        Standing start = new Standing(member, MemberState.WAITING, "", now, Tid.NONE, null);
                        fresh.add(new Dossier(member, newcomer.door(), start));
                        next.add(fresh.get(fresh.size() - 1));
                    }
                }
            }
            if (next.stream().noneMatch(d -> d.standing().isOptimal())) {
                throw new AdministrationException(
                        AdministrationException.Refusal.WRONG_STATE,
                        "the new configuration would leave the array without an optimal member; nothing was changed");
            }
            List<Dossier> removed = new ArrayList<>(roster.dossiers());
            removed.removeAll(next);
            roster.dossiers(next);
            for (Dossier dossier : fresh) {
                dossier.owesPack(roster.pack().isPresent());
                roster.move(dossier, Move.FOUND_STALE, "is new in the configuration: recover it", Tid.NONE);
            }
            roster.changed();
            roster.publish();
            for (Dossier dossier : removed) {
                roster.closeLog(dossier);
                dossier.door().end();
                event(Severity.WARNING, dossier.member().name(), "removed", "is no longer in the configuration");
            }
            return roster.save();
        });
    }

    /** The door of a member, if it is still one. */
    CompletionStage<MemberDoor> door(Member member) {
        return decide(() -> done(roster.need(member).door()));
    }

    /** How an array ends. */
    enum Ending {
        /** All optimal members are known to be equal: the next start compares nothing. */
        IN_ORDER,
        ABRUPT
    }

    /** Closes all members, writes the superblock once more and ends. Nothing is decided after this. */
    CompletionStage<Void> end(Ending ending) {
        return decide(() -> {
                    List<CompletionStage<Void>> closed = new ArrayList<>();
                    for (Dossier dossier : roster.dossiers()) {
                        TransactionLog log = dossier.takeLog();
                        if (log != null) {
                            closed.add(dossier.door().close(log));
                        }
                    }
                    roster.end();
                    return Timed.within(
                                    environment,
                                    configuration.options().openDeadline(),
                                    Timed.all(closed),
                                    "members did not close")
                            .handle((nothing, failure) -> decide(() -> saveAtEnd(ending, failure == null)))
                            .thenCompose(stage -> stage);
                })
                .whenComplete((nothing, failure) -> worker.execute(() -> {
                    roster.dossiers().forEach(dossier -> dossier.door().end());
                    worker.close();
                }));
    }

    private CompletionStage<Void> saveAtEnd(Ending ending, boolean allClosed) {
        if (roster.dossiers().isEmpty()) {
            return done(); // it never served: what was there stays as it is
        }
        if (allClosed && ending == Ending.IN_ORDER) {
            roster.markStoppedInOrder();
        }
        return roster.save();
    }
}

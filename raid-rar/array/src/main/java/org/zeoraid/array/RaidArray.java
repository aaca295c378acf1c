package org.zeoraid.array;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.seam.DiskLock;
import org.zeoraid.storage.seam.Environment;

/**
 * An array: one storage made of members that each hold the whole database. Safe for any number of threads.
 *
 * <p>From {@link #open} on it assembles itself. Until that has come to its end its storage refuses everything with an {@link
 * ArrayFailedException} that says what is waited for, and {@link #status} says the same.
 */
public final class RaidArray implements ArrayAdministration, AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.array");
    private static final Duration BRANCHES_PAUSE = Duration.ofSeconds(5);

    /** Makes what copies to a member that is recovered; begins nothing. */
    interface RecoveryFactory {
        Recovery create(
                Environment environment,
                ArrayOptions options,
                ReplicatedLog log,
                MembershipKeeper keeper,
                Member member,
                Superblock.RecoveryNote note);
    }

    private final Environment environment;
    private final Supplier<ArrayConfiguration> configurations;
    private final DiskLock lock;
    private final EventLog events;
    private final SuperblockPlace state;
    private final SuperblockKeeper keeper;
    private final ArrayLog log;
    private final TransactionalStorage storage;
    private final BranchDecisions branches;
    private final Recoveries recoveries;
    private final PackRun packs;
    private final Verifications verifications;
    private final ReturnWatch watch;
    private final Instant since;
    private final CompletableFuture<Void> serving = new CompletableFuture<>();

    private volatile ArrayConfiguration configuration;
    private volatile String assembling = "its members are being opened";
    private volatile boolean served;
    private volatile @Nullable ReplicatedLog replicated;
    private volatile @Nullable ForeignWatch foreign;
    private Assembler assembler;
    private boolean reloading;
    private @Nullable CompletionStage<Void> closing;

    private RaidArray(
            Environment environment,
            Supplier<ArrayConfiguration> configurations,
            ArrayConfiguration configuration,
            DiskLock lock,
            EventLog events,
            RecoveryFactory factory) {
        this.environment = environment;
        this.configurations = configurations;
        this.configuration = configuration;
        this.lock = lock;
        this.events = events;
        this.since = environment.clock().instant();
        this.state = new SuperblockPlace(
                environment,
                "state-" + configuration.name(),
                "the state directory " + configuration.stateFolder(),
                new SuperblockFile(environment.disk(), configuration.stateFolder()),
                configuration.options().superblockDeadline());
        this.keeper = new SuperblockKeeper(environment, configuration, events, state, this::brokenDown);
        this.log = new ArrayLog(keeper, this::whyNotServed);
        CommitOptions.Mode mode =
                configuration.readOnly() ? CommitOptions.Mode.READ_ONLY : CommitOptions.Mode.READ_WRITE;
        CommitOptions options = CommitOptions.spillingTo(
                        configuration.stateFolder().resolve("work"))
                .withMode(mode);
        this.storage = new TransactionalStorage(configuration.name(), log, environment, options, this::checkWritable);
        this.branches = new BranchDecisions(configuration, storage, events);
        ArrayOptions patience = configuration.options();
        this.recoveries = new Recoveries(
                environment,
                configuration,
                keeper,
                (member, note) -> factory.create(environment, patience, data(), keeper, member, note),
                this::recoveryEnded);
        keeper.asksForTheLastSent(() -> {
            ReplicatedLog now = replicated;
            return now == null ? Tid.MAX : now.path().lane().lastSent();
        });
        this.packs = new PackRun(environment, patience, keeper, recoveries);
        this.verifications = new Verifications(environment, keeper, recoveries);
        this.watch = new ReturnWatch(environment, patience, keeper, recoveries);
        this.assembler = assembler(configuration);
    }

    /**
     * Opens an array and has it assemble itself.
     *
     * @param configurations gives the configuration now, and again for each {@link #reload}; what it throws then refuses the
     *     reload
     * @throws StorageUnavailableException if the state directory cannot be used, or is another process's
     */
    public static RaidArray open(Environment environment, Supplier<ArrayConfiguration> configurations) {
        return open(environment, configurations, Resync::create);
    }

    static RaidArray open(
            Environment environment, Supplier<ArrayConfiguration> configurations, RecoveryFactory factory) {
        ArrayConfiguration configuration = configurations.get();
        DiskLock lock = StateFolder.take(environment.disk(), configuration.name(), configuration.stateFolder());
        EventLog events = EventLog.open(environment, configuration.stateFolder(), configuration.name());
        RaidArray array = new RaidArray(environment, configurations, configuration, lock, events, factory);
        // As soon as it can be, so that a transaction manager that recovers early sees them; if not now, before the
        // array serves.
        array.branches.take(PreparedJournal.Unseen.MAY_HAVE_A_COPY);
        array.run(array.assembler);
        return array;
    }

    /** The array as clients see it. Closed by the array. */
    public Storage storage() {
        return storage;
    }

    /** Completes when the array serves for the first time; fails if it is closed before. */
    public CompletionStage<Void> serving() {
        return serving.copy();
    }

    // Assembly.

    private Assembler assembler(ArrayConfiguration of) {
        List<MemberDoor> doors = of.members().stream()
                .map(source -> new MemberDoor(environment, of.name(), source, of.options()))
                .toList();
        return new Assembler(environment, of, keeper, state, doors, Tid.NONE, this::waitsFor);
    }

    private void run(Assembler which) {
        which.run().whenComplete((established, failure) -> {
            if (established != null) {
                holdBranches(which, established);
            }
        });
    }

    /** What was committed last can be told only from the members themselves. Clients wait, and go on behind it. */
    private void brokenDown(List<MemberDoor> doors) {
        served = false;
        assembling = keeper.current().stopped();
        endForeignWatch();
        Tid atLeast = keeper.lastAcknowledged();
        Assembler fresh = new Assembler(environment, configuration, keeper, state, doors, atLeast, this::waitsFor);
        Assembler previous;
        ReplicatedLog before;
        boolean over;
        synchronized (this) {
            over = closing != null;
            before = replicated;
            previous = assembler;
            if (!over) {
                replicated = null;
                assembler = fresh;
            }
        }
        if (before != null) {
            before.close();
        }
        if (over) {
            fresh.cancel();
        } else {
            // Two assemblies at once would take the members from each other, and each would serve with what it got.
            previous.cancel().thenRun(() -> run(fresh));
        }
    }

    private void endForeignWatch() {
        ForeignWatch running = foreign;
        if (running != null) {
            running.end();
        }
    }

    private void waitsFor(String reason) {
        assembling = reason;
        keeper.event(Severity.WARNING, "", "waiting", "does not serve yet: " + reason);
    }

    /** Before the first commit prepared branches hold their locks again. All members that the assembly needs are there now. */
    private void holdBranches(Assembler which, Assembler.Established established) {
        branches.take(PreparedJournal.Unseen.HAS_NONE).whenComplete((nothing, failure) -> {
            if (failure == null) {
                serve(which, established);
            } else if (isCurrent(which)) {
                String reason = Failures.text(failure);
                if (!reason.equals(assembling)) {
                    waitsFor(reason);
                }
                environment.schedule(BRANCHES_PAUSE, () -> holdBranches(which, established));
            }
        });
    }

    private synchronized boolean isCurrent(Assembler which) {
        return closing == null && assembler == which;
    }

    private void serve(Assembler which, Assembler.Established established) {
        ArrayOptions options = configuration.options();
        Tid last = established.marks().last();
        ReplicatedLog data;
        synchronized (this) {
            if (!isCurrent(which)) {
                return; // the keeper has the members, and closes them; or has broken down again, and the next serves
            }
            data = ReplicatedLog.open(environment, options, keeper, last, packs::pack);
            replicated = data;
        }
        log.serve(data);
        ForeignWatch strangers = new ForeignWatch(environment, options, keeper, data);
        foreign = strangers;
        strangers.start();
        storage.resume(established.marks().floor()).whenComplete((nothing, failure) -> {
            if (established.cachesAreWrong()) {
                storage.dropCaches();
            }
            served = true;
            String from =
                    last.equals(Tid.NONE) ? ", and holds no transaction yet" : " from transaction " + last + " on";
            keeper.event(Severity.INFO, "", "serving", "serves" + from);
            serving.complete(null);
            branches.spread();
            established.resuming().forEach(recoveries::goOn);
            if (established.resuming().isEmpty()) {
                packs.makeUp();
            }
            watch.start();
        });
    }

    private String notAssembled() {
        return "array " + name() + " is not assembled: " + assembling;
    }

    private String whyNotServed() {
        String stopped = keeper.current().stopped();
        synchronized (this) {
            return closing == null && (replicated == null || stopped.isBlank()) ? notAssembled() : stopped;
        }
    }

    private ReplicatedLog data() {
        ReplicatedLog data = replicated;
        if (data == null) {
            throw Recoveries.refusal(notAssembled());
        }
        return data;
    }

    private void checkWritable() {
        if (!served) {
            throw new ArrayFailedException(notAssembled());
        }
        keeper.current().checkWritable();
    }

    private void recoveryEnded() {
        packs.makeUp();
    }

    // Administration.

    @Override
    public String name() {
        return configuration.name();
    }

    @Override
    public ArrayStatus status() {
        Membership membership = keeper.current();
        if (membership.members().isEmpty() || !served) {
            return StatusPicture.assembling(configuration, assembling, since, picture());
        }
        return StatusPicture.of(configuration, membership, keeper.lastAcknowledged(), packs.status(), this::operation);
    }

    private synchronized AssemblyPicture picture() {
        return assembler.picture();
    }

    private Optional<OperationStatus> operation(Member member) {
        return recoveries.status(member).or(() -> verifications.status(member));
    }

    @Override
    public List<ArrayEvent> events(long after, int limit) {
        return events.after(after, limit);
    }

    /** Notes in the event log what concerns the array and happened outside of it, as to a door that leads to it. */
    public void note(Severity severity, String kind, String text) {
        synchronized (this) {
            // Queued before the log is closed, or not at all.
            if (closing == null) {
                events.add(severity, "", kind, text);
            }
        }
    }

    @Override
    public CompletionStage<Void> disable(String member) {
        return requestWhenAssembled(() -> {
            Standing standing = recoveries.named(member);
            if (standing.state() == MemberState.DISABLED) {
                throw Recoveries.refusal("member " + member + " is disabled already");
            }
            return keeper.disable(standing.member(), "taken out by an admin").thenAccept(verdict -> {
                if (verdict == MembershipKeeper.Verdict.LAST_OPTIMAL) {
                    throw Recoveries.refusal("member " + member
                            + " is the last optimal one: recover another before it is disabled, or stop the array");
                }
            });
        });
    }

    @Override
    public CompletionStage<Void> recover(String member) {
        return requestWhenAssembled(() -> recoveries.recover(member));
    }

    @Override
    public CompletionStage<Void> rebuild(String member) {
        return requestWhenAssembled(() -> recoveries.rebuild(member));
    }

    @Override
    public CompletionStage<Void> pause(String member) {
        return requestWhenAssembled(() -> recoveries.pause(member));
    }

    @Override
    public CompletionStage<Void> resume(String member) {
        return requestWhenAssembled(() -> recoveries.resume(member));
    }

    @Override
    public CompletionStage<Void> throttle(String member, long bytesPerSecond) {
        return requestWhenAssembled(() -> recoveries.throttle(member, bytesPerSecond));
    }

    @Override
    public CompletionStage<Void> verify(String member) {
        return requestWhenAssembled(() -> verifications.verify(member));
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return request(() -> {
            data();
            if (storage.isReadOnly()) {
                String why = keeper.current().stopped();
                throw Recoveries.refusal(
                        "array " + name() + " is read-only and cannot be packed" + (why.isBlank() ? "" : ": " + why));
            }
            if (packs.status().isPresent() || recoveries.isBusy()) {
                throw Recoveries.refusal("a member is being recovered or packed; pack the array when that has ended");
            }
            return storage.pack(request);
        });
    }

    @Override
    public CompletionStage<Void> assembleByForce() {
        return request(() -> {
            Assembler current;
            synchronized (this) {
                current = assembler;
            }
            if (replicated == null) {
                keeper.event(Severity.WARNING, "", "forcing", "an admin assembles the array by force");
                return current.force().thenCompose(nothing -> serving.copy());
            }
            if (keeper.current().service() == Membership.Service.FULL) {
                throw Recoveries.refusal("array " + name() + " serves; there is nothing to force");
            }
            return keeper.goOn().thenRun(storage::dropCaches);
        });
    }

    @Override
    public CompletionStage<Void> reload() {
        return request(() -> {
            synchronized (this) {
                if (reloading) {
                    throw Recoveries.refusal("the configuration is being read again just now");
                }
                reloading = true;
            }
            return Timed.ask(this::reloadNow).whenComplete((nothing, failure) -> {
                synchronized (this) {
                    reloading = false;
                }
            });
        });
    }

    private CompletionStage<Void> reloadNow() {
        ArrayConfiguration next;
        try {
            next = configurations.get();
        } catch (RuntimeException e) {
            throw new AdministrationException(
                    Refusal.INVALID, "the configuration cannot be used, nothing was changed: " + Failures.text(e));
        }
        if (!next.name().equals(name()) || !next.stateFolder().equals(configuration.stateFolder())) {
            throw new AdministrationException(
                    Refusal.INVALID,
                    "the name or the state directory of the array is another one; that needs a restart");
        }
        return replicated == null ? reassemble(next) : reconfigure(next);
    }

    private CompletionStage<Void> reassemble(ArrayConfiguration next) {
        Assembler before;
        synchronized (this) {
            before = assembler;
        }
        return before.cancel().thenAccept(nothing -> {
            if (replicated != null || !keeper.current().members().isEmpty()) {
                throw Recoveries.refusal("the array has just been assembled; reload once more");
            }
            Assembler fresh = assembler(next);
            synchronized (this) {
                if (closing != null) {
                    fresh.cancel(); // nobody would end it any more
                    throw new StorageClosedException("array " + name() + " is closed");
                }
                configuration = next;
                assembler = fresh;
            }
            branches.follow(next);
            keeper.event(Severity.INFO, "", "reloaded", "begins to assemble with the new configuration");
            run(fresh);
        });
    }

    private CompletionStage<Void> reconfigure(ArrayConfiguration next) {
        return new Reconfiguration(environment, keeper, configuration, next)
                .run()
                .thenRun(() -> {
                    configuration = next;
                    branches.follow(next);
                    keeper.event(Severity.INFO, "", "reloaded", "works with the new configuration");
                });
    }

    @Override
    public List<PreparedBranch> preparedBranches() {
        return branches.list();
    }

    @Override
    public CompletionStage<Void> commitBranch(BranchId branch) {
        return request(() -> branches.commit(branch));
    }

    @Override
    public CompletionStage<Void> rollbackBranch(BranchId branch) {
        return request(() -> branches.rollback(branch));
    }

    @Override
    public CompletionStage<Void> forgetBranch(BranchId branch) {
        return request(() -> branches.forget(branch));
    }

    private <T> CompletionStage<T> requestWhenAssembled(Supplier<CompletionStage<T>> request) {
        return request(() -> {
            data();
            return request.get();
        });
    }

    private <T> CompletionStage<T> request(Supplier<CompletionStage<T>> request) {
        synchronized (this) {
            if (closing != null) {
                return CompletableFuture.failedFuture(new StorageClosedException("array " + name() + " is closed"));
            }
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Timed.ask(request).whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
                return;
            }
            Throwable cause = Failures.cause(failure);
            // A move that is not in the table: somebody else was faster.
            answer.completeExceptionally(
                    cause instanceof IllegalStateException ? Recoveries.refusal(Failures.text(cause)) : cause);
        });
        return answer;
    }

    // The end.

    /** Stops in order: waits for what is under way, and leaves everything so that the next start need not compare. */
    @Override
    public void close() {
        closeAsync().toCompletableFuture().join();
    }

    /** Does what {@link #close} does without holding up the caller. */
    public CompletionStage<Void> closeAsync() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Assembler last;
        synchronized (this) {
            if (closing != null) {
                return closing;
            }
            closing = ended;
            last = assembler;
        }
        watch.end();
        endForeignWatch();
        recoveries.interrupt();
        last.cancel()
                .thenCompose(nothing -> drained())
                .thenCompose(nothing -> ending())
                .exceptionally(failure -> SuperblockKeeper.Ending.ABRUPT)
                .thenCompose(keeper::end)
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        LOG.log(
                                Level.WARNING,
                                "array " + name() + " did not stop in order; the next start compares its members: "
                                        + Failures.text(failure));
                    }
                    release().whenComplete((released, late) -> {
                        serving.completeExceptionally(new StorageClosedException("array " + name() + " is closed"));
                        ended.complete(null);
                    });
                });
        return ended;
    }

    /** Members that never answer do not keep an array from stopping: what hangs is told that its outcome is unknown. */
    private CompletionStage<Void> drained() {
        return Timed.within(
                        environment,
                        configuration.options().openDeadline(),
                        storage.closeAsync(),
                        "transactions under way did not end")
                .whenComplete((nothing, late) -> {
                    ReplicatedLog data = replicated;
                    if (late != null && data != null) {
                        data.path().lane().giveUp();
                    }
                });
    }

    private CompletionStage<SuperblockKeeper.Ending> ending() {
        Tid last = keeper.lastAcknowledged();
        CompletionStage<Boolean> equal = CompletableFuture.completedFuture(true);
        for (Standing standing : keeper.current().optimal()) {
            CompletionStage<Tid> here = standing.log()
                    .map(open -> Timed.ask(open::lastTid))
                    .orElseGet(() -> CompletableFuture.completedFuture(Tid.NONE));
            CompletableFuture<Tid> inTime = Timed.within(
                    environment, configuration.options().answerDeadline(), here, "no answer before the end");
            equal = equal.thenCombine(inTime, (so, tid) -> so && tid.equals(last));
        }
        return equal.thenApply(all -> all ? SuperblockKeeper.Ending.IN_ORDER : SuperblockKeeper.Ending.ABRUPT);
    }

    /** Gives up the state directory once everything is written there; one that hangs is not waited for. */
    private CompletionStage<Void> release() {
        state.end();
        return Timed.within(
                        environment,
                        configuration.options().superblockDeadline(),
                        events.end(),
                        "the last events could not be written")
                .handle((nothing, failure) -> {
                    try {
                        lock.close();
                    } catch (IOException e) {
                        LOG.log(Level.WARNING, "the lock of array " + name() + " could not be given up", e);
                    }
                    return null;
                });
    }
}

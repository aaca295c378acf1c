package org.zeoraid.array;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.Environment;

/**
 * Brings an array from its configuration to service: looks at all members, asks {@link AssemblyRules}, waits and looks again
 * where they say so, has {@link TailSettling} make the members equal, and hands what came out to the keeper. Everything
 * happens on one worker.
 */
final class Assembler {

    private static final Logger LOG = System.getLogger("org.zeoraid.array");
    private static final int LONGEST_PAUSE = 64;

    private final Environment environment;
    private final ArrayConfiguration configuration;
    private final SuperblockKeeper keeper;
    private final SuperblockPlace statePlace;
    private final AssemblyRules rules;
    private final Consumer<String> waiting;
    private final Environment.Worker worker;
    private final Map<String, Sighting> sightings = new LinkedHashMap<>();
    private final Map<String, Integer> attempts = new LinkedHashMap<>();
    private final Set<String> looking = new HashSet<>();
    private final Set<String> unseen = new HashSet<>();
    private final CompletableFuture<Established> established = new CompletableFuture<>();

    private SuperblockFile.Found state = SuperblockFile.Found.NOTHING;
    private AssemblyRules.Patience patience = AssemblyRules.Patience.LEFT;
    private AssemblyRules.Force force = AssemblyRules.Force.NO;
    private List<CompletableFuture<Void>> forcing = new ArrayList<>();
    private final AssemblyPicture picture;
    private boolean stateIsKnown;
    private boolean waits;
    private int round;
    private int watched = -1;
    private boolean settling;
    private boolean cancelled;
    private String reason = "";

    /**
     * An array that serves.
     *
     * @param marks what it began with
     * @param resuming the members whose recovery goes on
     * @param cachesAreWrong whether clients may have seen more than the array holds now
     */
    record Established(Superblock.Marks marks, List<Member> resuming, boolean cachesAreWrong) {}

    /**
     * @param atLeast a transaction that is known to have been acknowledged, {@link Tid#NONE} if none is
     * @param waiting told, in a sentence, what the array waits for, whenever that changes
     */
    Assembler(
            Environment environment,
            ArrayConfiguration configuration,
            SuperblockKeeper keeper,
            SuperblockPlace statePlace,
            List<MemberDoor> doors,
            Tid atLeast,
            Consumer<String> waiting) {
        this.environment = environment;
        this.configuration = configuration;
        this.keeper = keeper;
        this.statePlace = statePlace;
        this.picture = new AssemblyPicture(environment.clock());
        this.waiting = waiting;
        this.rules = new AssemblyRules(atLeast, () -> freshId(environment));
        this.worker = environment.worker("assembly-" + configuration.name());
        for (MemberDoor door : doors) {
            sightings.put(
                    door.source().name(),
                    new Sighting(
                            door.source(),
                            door,
                            SuperblockFile.Found.NOTHING,
                            Optional.empty(),
                            "is still being opened"));
        }
    }

    /** What is waited for, member by member. */
    AssemblyPicture picture() {
        return picture;
    }

    static UUID freshId(Environment environment) {
        return new UUID(environment.random().nextLong(), environment.random().nextLong());
    }

    /** Begins. Completes when the array serves, fails only when it is cancelled. */
    CompletionStage<Established> run() {
        onWorker(() -> {
            unseen.addAll(sightings.keySet());
            readState(0);
        });
        return established;
    }

    /** Nobody is believed before it is known what the array wrote down last. */
    private void readState(int attempt) {
        stateIsKnown = false;
        statePlace
                .read()
                .whenComplete((found, failure) -> onWorker(() -> {
                    if (cancelled || established.isDone()) {
                        return;
                    }
                    if (failure != null) {
                        waitFor("the superblock " + statePlace.path() + " cannot be read: " + Failures.text(failure));
                        environment.schedule(pause(attempt), () -> onWorker(() -> readState(attempt + 1)));
                        return;
                    }
                    state = found;
                    stateIsKnown = true;
                    sightings.values().stream()
                            .filter(sighting -> sighting.contact().isEmpty())
                            .forEach(sighting -> look(sighting.door()));
                }));
    }

    /** An admin forces the assembly with the members that are there. Completes when the array serves. */
    CompletionStage<Void> force() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        onWorker(() -> {
            if (settling || established.isDone()) {
                answer.completeExceptionally(new AdministrationException(
                        AdministrationException.Refusal.WRONG_STATE,
                        "array " + configuration.name() + " is about to serve without force"));
                return;
            }
            if (!stateIsKnown) {
                answer.completeExceptionally(new AdministrationException(
                        AdministrationException.Refusal.WRONG_STATE,
                        reason.isBlank() ? "the state directory is being read; ask again in a moment" : reason));
                return;
            }
            force = AssemblyRules.Force.YES;
            forcing.add(answer);
            // What the admin sees now is to count, not what was there at the last look.
            List<Sighting> away = sightings.values().stream()
                    .filter(sighting -> sighting.contact().isEmpty())
                    .toList();
            away.forEach(sighting -> unseen.add(sighting.name()));
            away.forEach(sighting -> look(sighting.door()));
            evaluate();
        });
        return answer;
    }

    /** Gives up and lets go of all members, unless the array serves already or is about to; complete when it has ended. */
    CompletionStage<Void> cancel() {
        onWorker(() -> {
            cancelled = true;
            if (!settling) {
                letGo();
            }
        });
        // While members are being made equal the end is waited for: all of that has deadlines.
        return established.handle((done, failure) -> null);
    }

    private void letGo() {
        if (!established.isDone()) {
            refuseForce("array " + configuration.name() + " is closed");
            sightings.values().forEach(sighting -> {
                sighting.contact().ifPresent(contact -> sighting.door().close(contact.log()));
                sighting.door().end();
            });
            established.cancel(false);
            end();
        }
    }

    private void end() {
        worker.execute(worker::close);
    }

    private void look(MemberDoor door) {
        if (cancelled || established.isDone() || !looking.add(door.source().name())) {
            return;
        }
        picture.opens(door.source().name());
        door.readCopy()
                .thenCompose(copy ->
                        // What lies beside a member counts, also if the member itself cannot be opened.
                        Timed.recover(
                                door.open().thenCompose(log -> greet(door, copy, log)),
                                failure -> CompletableFuture.completedFuture(new Sighting(
                                        door.source(), door, copy, Optional.empty(), Failures.text(failure)))))
                .whenComplete((sighting, failure) -> {
                    boolean told = onWorker(() -> looked(door, sighting, failure));
                    if (!told && sighting != null) {
                        sighting.contact().ifPresent(contact -> door.close(contact.log()));
                    }
                });
    }

    private CompletionStage<Sighting> greet(MemberDoor door, SuperblockFile.Found copy, TransactionLog log) {
        ArrayOptions options = configuration.options();
        String who = "member " + door.source().name();
        CompletionStage<Sighting> greeted = Timed.within(
                        environment,
                        options.answerDeadline(),
                        Timed.ask(log::lastTid),
                        who + " did not tell its last transaction")
                // To find its pack a member may have to read through all that is packed.
                .thenCompose(last -> Timed.within(
                                environment,
                                options.openDeadline(),
                                Timed.ask(log::packedTo),
                                who + " did not tell its pack")
                        .thenApply(packed -> new Sighting(
                                door.source(), door, copy, Optional.of(new Sighting.Contact(log, last, packed)), "")));
        return greeted.whenComplete((sighting, failure) -> {
            if (failure != null) {
                door.close(log);
            }
        });
    }

    private void looked(MemberDoor door, @Nullable Sighting seen, @Nullable Throwable failure) {
        looking.remove(door.source().name());
        if (cancelled || settling || established.isDone()) {
            if (seen != null) {
                seen.contact().ifPresent(contact -> door.close(contact.log()));
            }
            if (settling) {
                lookLater(door); // in case the settling comes to nothing
            }
            return;
        }
        String name = door.source().name();
        Sighting before = sightings.get(name);
        Sighting now = seen;
        if (now == null) {
            SuperblockFile.Found known = before == null ? SuperblockFile.Found.NOTHING : before.copy();
            String problem = failure == null ? "gave no answer" : Failures.text(failure);
            now = new Sighting(door.source(), door, known, Optional.empty(), problem);
        }
        now = refuseTwin(now);
        sightings.put(name, now);
        picture.seen(now);
        if (now.contact().isEmpty()) {
            if (before == null || !before.problem().equals(now.problem())) {
                LOG.log(
                        Level.WARNING,
                        "array " + configuration.name() + ", member " + name + " cannot be opened: " + now.problem());
            }
            lookLater(door);
        }
        attempts.merge(name, 1, Integer::sum);
        unseen.remove(name);
        evaluate();
    }

    /** Of two members that are one storage one is not there. The one that is where the superblock knew it stays. */
    private Sighting refuseTwin(Sighting seen) {
        for (Sighting other : List.copyOf(sightings.values())) {
            boolean same = !other.name().equals(seen.name())
                    && other.contact()
                            .flatMap(there -> seen.contact().filter(there::isSameStorage))
                            .isPresent();
            if (same && staysRatherThan(other, seen)) {
                return closed(seen, other);
            }
            if (same) {
                Sighting twin = closed(other, seen);
                sightings.put(other.name(), twin);
                picture.seen(twin);
                lookLater(other.door());
            }
        }
        return seen;
    }

    private boolean staysRatherThan(Sighting one, Sighting other) {
        if (isKnown(one) != isKnown(other)) {
            return isKnown(one);
        }
        List<String> names = List.copyOf(sightings.keySet());
        return names.indexOf(one.name()) < names.indexOf(other.name());
    }

    private static Sighting closed(Sighting twin, Sighting stays) {
        twin.contact().ifPresent(contact -> twin.door().close(contact.log()));
        String problem = "is the same storage as member " + stays.name() + ": check its address";
        return new Sighting(twin.source(), twin.door(), twin.copy(), Optional.empty(), problem);
    }

    private boolean isKnown(Sighting sighting) {
        return state instanceof SuperblockFile.Found.Copy copy
                && copy.superblock()
                        .named(sighting.name())
                        .filter(entry -> entry.isOptimal()
                                && entry.location().equals(sighting.source().location()))
                        .isPresent();
    }

    private void lookLater(MemberDoor door) {
        int now = round;
        environment.schedule(
                pause(attempts.getOrDefault(door.source().name(), 0)),
                () -> onWorker(() -> {
                    Sighting known = sightings.get(door.source().name());
                    if (now == round && (known == null || known.contact().isEmpty())) {
                        look(door);
                    }
                }));
    }

    private void evaluate() {
        if (!stateIsKnown || cancelled || settling || established.isDone()) {
            return;
        }
        boolean everybodySeen = unseen.isEmpty();
        if (force == AssemblyRules.Force.YES && !everybodySeen) {
            return;
        }
        AssemblyRules.Verdict verdict = rules.judge(state, List.copyOf(sightings.values()), patience, force);
        if (verdict instanceof AssemblyRules.Verdict.Wait wait) {
            if (wait.isForAWhile()) {
                beginToWait();
            }
            if (everybodySeen) {
                waitFor(wait.reason());
                if (watched != round) {
                    watched = round;
                    watchPlaces(0);
                }
            }
        } else if (verdict instanceof AssemblyRules.Verdict.Go go) {
            if (!everybodySeen && patience == AssemblyRules.Patience.LEFT) {
                beginToWait(); // those that matter are here; the others get their chance
                return;
            }
            settling = true;
            TailSettling.Notice notice =
                    (member, text) -> keeper.event(ArrayEvent.Severity.WARNING, member, "equalised", text);
            new TailSettling(go.plan(), notice)
                    .settle()
                    .whenComplete((outcome, failure) -> onWorker(() -> settled(outcome, failure)));
        }
    }

    /** A disk that is mounted over an empty folder, or a state directory that is put back, is found while the array waits. */
    private void watchPlaces(int attempt) {
        int now = round;
        environment.schedule(
                pause(attempt),
                () -> onWorker(() -> {
                    if (isWaiting(now)) {
                        otherSuperblocks()
                                .whenComplete((others, failure) -> onWorker(() -> {
                                    if (isWaiting(now) && Boolean.TRUE.equals(others)) {
                                        reconsider();
                                    } else if (isWaiting(now)) {
                                        watchPlaces(attempt + 1);
                                    }
                                }));
                    }
                }));
    }

    private boolean isWaiting(int since) {
        return since == round && !cancelled && !settling && !established.isDone();
    }

    /** Whether what lies in the state directory, or beside a member that is open, is not what was read there. */
    private CompletionStage<Boolean> otherSuperblocks() {
        CompletionStage<Boolean> others = statePlace.read().thenApply(found -> !found.equals(state));
        for (Sighting sighting : sightings.values()) {
            if (sighting.contact().isPresent()) {
                others = others.thenCombine(
                        sighting.door().readCopy(), (other, found) -> other || !found.equals(sighting.copy()));
            }
        }
        return others;
    }

    /** The array could serve, and waits for those that it would have to leave behind. */
    private void beginToWait() {
        if (waits) {
            return;
        }
        waits = true;
        for (Sighting sighting : sightings.values()) {
            if (sighting.contact().isEmpty()) {
                attempts.put(sighting.name(), 0);
                look(sighting.door());
            }
        }
        int waited = round;
        environment.schedule(
                configuration.options().assemblyWait(),
                () -> onWorker(() -> {
                    if (waited == round) {
                        patience = AssemblyRules.Patience.OVER;
                        evaluate();
                    }
                }));
    }

    private void waitFor(String text) {
        if (!text.equals(reason)) {
            reason = text;
            waiting.accept(text);
        }
        refuseForce(text);
    }

    private void refuseForce(String text) {
        force = AssemblyRules.Force.NO;
        List<CompletableFuture<Void>> refused = forcing;
        forcing = new ArrayList<>();
        refused.forEach(answer -> answer.completeExceptionally(
                new AdministrationException(AdministrationException.Refusal.WRONG_STATE, text)));
    }

    private void settled(TailSettling.@Nullable Outcome outcome, @Nullable Throwable failure) {
        if (outcome instanceof TailSettling.Outcome.Settled settled) {
            establish(settled.plan(), settled.last());
            return;
        }
        String text = outcome instanceof TailSettling.Outcome.Impossible impossible
                ? impossible.reason()
                : failure != null ? Failures.text(failure) : "the members could not be made equal";
        comeToNothing(text);
    }

    private void comeToNothing(String text) {
        settling = false;
        if (cancelled) {
            letGo();
            return;
        }
        waitFor(text);
        reconsider();
    }

    /** Looks at everything afresh after a pause: something may have been done about it, or half written. */
    private void reconsider() {
        // All are closed now, so all get the time that they get at a start; the first to be back does not serve alone.
        patience = AssemblyRules.Patience.LEFT;
        waits = false;
        int now = ++round;
        picture.clear();
        sightings.replaceAll((name, seen) -> {
            seen.contact().ifPresent(contact -> seen.door().close(contact.log()));
            return new Sighting(seen.source(), seen.door(), seen.copy(), Optional.empty(), "is looked at again");
        });
        unseen.addAll(sightings.keySet());
        environment.schedule(
                pause(now),
                () -> onWorker(() -> {
                    if (now == round && !cancelled) {
                        readState(0);
                    }
                }));
    }

    private Duration pause(int attempt) {
        return configuration.options().retryPause().multipliedBy(Math.min(LONGEST_PAUSE, 1L << Math.min(attempt, 6)));
    }

    private void establish(AssemblyPlan plan, Tid last) {
        Superblock base = plan.base();
        boolean goesBack = base.marks().last().isAfter(last);
        Tid floor = goesBack ? base.marks().highest() : base.marks().floor();
        Superblock.Marks marks = new Superblock.Marks(last, last, floor, false);
        List<Founder> founders = new ArrayList<>();
        List<Member> resuming = new ArrayList<>();
        for (AssemblyPlan.Part part : plan.parts()) {
            Founder founder = founder(plan, part, last);
            founders.add(founder);
            if (part.role() == AssemblyPlan.Role.RESUMING) {
                resuming.add(founder.member());
            }
        }
        keeper.establish(base.with(marks), founders)
                .whenComplete((begun, failure) -> onWorker(() -> {
                    if (failure != null) {
                        comeToNothing(Failures.text(failure));
                        return;
                    }
                    if (begun == SuperblockKeeper.Begun.BROKE_DOWN) {
                        // The members are the next assembly's by now.
                        refuseForce("array " + configuration.name() + " broke down as it began to serve");
                        established.cancel(false);
                        end();
                        return;
                    }
                    established.complete(
                            new Established(marks, resuming, goesBack || plan.kind() == AssemblyPlan.Kind.FORCED));
                    forcing.forEach(answer -> answer.complete(null));
                    end();
                }));
    }

    private static Founder founder(AssemblyPlan plan, AssemblyPlan.Part part, Tid last) {
        Sighting sighting = part.sighting();
        Member member = new Member(sighting.source(), part.id());
        member.seen(part.role() == AssemblyPlan.Role.CANDIDATE ? last : sighting.last());
        if (sighting.contact().isEmpty() || remembers(part)) {
            part.known().ifPresent(entry -> member.seen(entry.last()));
        }
        boolean forced = plan.kind() == AssemblyPlan.Kind.FORCED;
        Optional<Move> move =
                switch (part.role()) {
                    case CANDIDATE -> Optional.of(forced ? Move.FORCED : Move.ASSEMBLED);
                    case STALE, LOST, RESUMING -> Optional.of(Move.FOUND_STALE);
                    case DISABLED -> Optional.of(Move.TAKEN_OUT);
                    case DIVERGED -> Optional.of(Move.DIVERGED_HISTORY);
                    case UNSEEN -> Optional.empty();
                };
        String why = forced && part.role() == AssemblyPlan.Role.CANDIDATE
                ? "an admin assembled the array by force"
                : part.reason();
        Tid firstMissed = part.firstMissed();
        if (part.role() == AssemblyPlan.Role.UNSEEN && firstMissed.equals(Tid.NONE)) {
            firstMissed = part.known().isPresent() ? last.after() : Tid.NONE;
        }
        return new Founder(
                member,
                sighting.door(),
                sighting.contact().map(Sighting.Contact::log).orElse(null),
                move,
                why,
                firstMissed,
                part.folder(),
                part.known().map(Superblock.Entry::owesPack).orElse(false),
                note(part));
    }

    /** Whether it is to be held against a member if it ends before what it had: its recovery looks then. */
    private static boolean remembers(AssemblyPlan.Part part) {
        return part.sighting().source().returnsByItself()
                && (part.role() == AssemblyPlan.Role.STALE || part.role() == AssemblyPlan.Role.DISABLED);
    }

    /** Who is not there now, and was, was only away. */
    private static Superblock.RecoveryNote note(AssemblyPlan.Part part) {
        if (part.known().isEmpty()) {
            return Superblock.RecoveryNote.NONE;
        }
        Superblock.Entry entry = part.known().get();
        boolean worked = entry.state() == MemberState.OPTIMAL || entry.state() == MemberState.RECOVERING;
        return switch (part.role()) {
            case LOST -> entry.recovery().away(true);
            case UNSEEN -> worked ? entry.recovery().away(true) : entry.recovery();
            case STALE -> worked ? entry.recovery().away(false) : entry.recovery();
            default -> entry.recovery();
        };
    }

    /** @return false if the assembly has ended */
    private boolean onWorker(Runnable task) {
        try {
            worker.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the assembly of array " + configuration.name() + " has ended", e);
            return false;
        }
    }
}

package org.zeoraid.array;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;

/**
 * Who may be the truth when an array starts. Pure: what is seen goes in, a plan or what is to be waited for comes out.
 *
 * <ol>
 *   <li>The newest generation counts, wherever it lies. A member that it does not call optimal is never the truth.
 *   <li>Without the copy in the state directory all configured members must be there, and the copies beside those that
 *       should be optimal must all be of the newest generation.
 *   <li>Without any superblock all members must be there; what they hold is compared.
 *   <li>For optimal members that are missing the start waits a while; then it goes on without them.
 *   <li>Less than was acknowledged is never served.
 *   <li>After a stop in order nobody may hold more than the array wrote.
 * </ol>
 * An admin's force puts 2, 3, 4 and 5 aside, and 1 where there is no other way; but it does not begin with nothing where
 * there was something, nor with less than lies in a folder that is only in the wrong place.
 */
final class AssemblyRules {

    /** What is to be done now. */
    sealed interface Verdict {

        /**
         * @param reason what the array waits for, a sentence
         * @param isForAWhile whether it goes on by itself when patience is over
         */
        record Wait(String reason, boolean isForAWhile) implements Verdict {

            Wait(String reason) {
                this(reason, false);
            }
        }

        record Go(AssemblyPlan plan) implements Verdict {}
    }

    /** How long it has been tried. */
    enum Patience {
        LEFT,
        OVER
    }

    /** Whether an admin forces the assembly. */
    enum Force {
        NO,
        YES
    }

    private static final String INTERRUPTED = "its recovery was interrupted";
    private static final String FOLDER = "its folder ";
    private static final String EMPTIED = "is empty, and had transactions up to ";
    private static final String MOUNT_FIRST = " Recover it when it is";

    /** More changes of membership than an array ever sees. */
    private static final long GENERATIONS_OF_A_FORCE = 1_000_000_000;

    private final Tid atLeast;
    private final Supplier<UUID> ids;

    /**
     * @param atLeast a transaction that was acknowledged, whatever superblocks say; {@link Tid#NONE} if none is known
     * @param ids gives fresh identities
     */
    AssemblyRules(Tid atLeast, Supplier<UUID> ids) {
        this.atLeast = atLeast;
        this.ids = ids;
    }

    Verdict judge(SuperblockFile.Found state, List<Sighting> sightings, Patience patience, Force force) {
        Optional<Superblock> stateCopy =
                state instanceof SuperblockFile.Found.Copy copy && copy.owner().equals(SuperblockFile.STATE_DIRECTORY)
                        ? Optional.of(copy.superblock())
                        : Optional.empty();
        List<SuperblockFile.Found.Copy> copies =
                sightings.stream().flatMap(s -> s.copyHere().stream()).toList();
        if (stateCopy.isEmpty() && copies.isEmpty() && state instanceof SuperblockFile.Found.Nothing) {
            return firstStart(sightings, force);
        }
        Optional<Superblock> newest = newest(stateCopy, copies);
        if (newest.isEmpty()) {
            return force == Force.YES
                    ? firstStart(sightings, force)
                    : new Verdict.Wait("the superblock in the state directory is damaged, and no member has a copy");
        }
        if (stateCopy.isEmpty() && force == Force.NO) {
            Optional<String> doubt = disagreement(newest.get(), sightings, copies);
            if (doubt.isPresent()) {
                return new Verdict.Wait("the state directory has no readable superblock, and " + doubt.get());
            }
        }
        Superblock known = newest.get().with(newest.get().marks().acknowledged(atLeast));
        return known(known, sightings, patience, force);
    }

    private static Optional<Superblock> newest(Optional<Superblock> stateCopy, List<SuperblockFile.Found.Copy> copies) {
        Stream<Superblock> beside = copies.stream().map(SuperblockFile.Found.Copy::superblock);
        Stream<Superblock> ours = stateCopy.isPresent()
                ? Stream.concat(stateCopy.stream(), beside.filter(s -> s.arrayId()
                        .equals(stateCopy.get().arrayId())))
                : beside;
        return ours.max(Comparator.comparingLong(Superblock::generation)
                .thenComparing(s -> s.marks().last()));
    }

    private static Optional<String> disagreement(
            Superblock newest, List<Sighting> sightings, List<SuperblockFile.Found.Copy> copies) {
        List<Sighting> missing =
                sightings.stream().filter(s -> s.contact().isEmpty()).toList();
        if (!missing.isEmpty()) {
            return Optional.of("not every member is there: waits for " + names(missing));
        }
        if (copies.stream().anyMatch(c -> !c.superblock().arrayId().equals(newest.arrayId()))) {
            return Optional.of("the members' folders belong to different arrays");
        }
        for (Superblock.Entry entry : newest.optimal()) {
            Optional<Sighting> sighting = sightings.stream()
                    .filter(s -> s.name().equals(entry.name()))
                    .findFirst();
            if (sighting.isEmpty()) {
                return Optional.of("member " + entry.name() + ", which was optimal, is not configured");
            }
            boolean agrees = !sighting.get().isLocal()
                    || sighting.get()
                            .copyHere()
                            .map(c -> c.superblock().generation() == newest.generation())
                            .orElse(false);
            if (!agrees) {
                return Optional.of(
                        isEmptied(newest, sighting.get())
                                ? "member " + entry.name() + ", which was optimal, is empty: is its disk mounted?"
                                : "the copy beside member " + entry.name() + " is missing or older than the others'");
            }
        }
        return Optional.empty();
    }

    private Verdict firstStart(List<Sighting> sightings, Force force) {
        List<Sighting> missing =
                sightings.stream().filter(s -> s.contact().isEmpty()).toList();
        if (!missing.isEmpty() && (force == Force.NO || missing.size() == sightings.size())) {
            return new Verdict.Wait(
                    "this is the first start, and not every member is there: waits for " + names(missing));
        }
        List<AssemblyPlan.Part> parts = new ArrayList<>();
        for (Sighting sighting : sightings) {
            boolean there = sighting.contact().isPresent();
            parts.add(new AssemblyPlan.Part(
                    sighting,
                    ids.get(),
                    there ? AssemblyPlan.Role.CANDIDATE : AssemblyPlan.Role.UNSEEN,
                    there ? "" : "was not there at the first start: " + sighting.problem(),
                    Founder.OwnFolder.OURS,
                    Optional.empty()));
        }
        Superblock base = new Superblock(ids.get(), 0, Superblock.Marks.NONE, Optional.empty(), "", List.of());
        return new Verdict.Go(
                force == Force.YES
                        ? new AssemblyPlan(forced(base), AssemblyPlan.Kind.FORCED, parts)
                        : new AssemblyPlan(base, AssemblyPlan.Kind.FIRST, parts));
    }

    private Verdict known(Superblock newest, List<Sighting> sightings, Patience patience, Force force) {
        List<AssemblyPlan.Part> parts = new ArrayList<>();
        for (Sighting sighting : sightings) {
            parts.add(part(newest, sighting, sightings));
        }
        parts = distrustTheDubious(newest, parts);
        List<AssemblyPlan.Part> candidates = candidates(parts);
        Tid longest = candidates.stream()
                .map(p -> p.sighting().last())
                .max(Comparator.naturalOrder())
                .orElse(Tid.NONE);
        boolean serveable = !candidates.isEmpty() && !newest.marks().last().isAfter(longest);
        if (force == Force.YES) {
            if (!serveable) {
                parts = byForce(parts);
            }
            Optional<String> against = againstForce(newest, parts);
            return against.isPresent()
                    ? new Verdict.Wait(against.get())
                    : new Verdict.Go(new AssemblyPlan(forced(newest), AssemblyPlan.Kind.FORCED, parts));
        }
        String missing = missingOptimal(newest, parts);
        if (candidates.isEmpty()) {
            return new Verdict.Wait("no member that is up to date is there: waits for " + missing
                    + "; the members that are there may lack acknowledged transactions");
        }
        if (!missing.isBlank() && patience == Patience.LEFT) {
            return new Verdict.Wait("waits a while for " + missing, true);
        }
        if (!serveable) {
            return new Verdict.Wait("transaction " + newest.marks().last()
                    + " was acknowledged, and the newest that the"
                    + " members hold is " + longest
                    + (missing.isBlank() ? "; were their files replaced by older ones?" : "; waits for " + missing));
        }
        return notOurs(newest, parts);
    }

    private AssemblyPlan.Part part(Superblock newest, Sighting sighting, List<Sighting> all) {
        Optional<Superblock.Entry> entry = newest.named(sighting.name());
        boolean there = sighting.contact().isPresent();
        Optional<String> stranger = stranger(newest, sighting, entry, all);
        UUID id = entry.map(Superblock.Entry::id).orElseGet(ids);
        if (stranger.isPresent()) {
            return new AssemblyPlan.Part(
                    sighting,
                    ids.get(),
                    there ? AssemblyPlan.Role.STALE : AssemblyPlan.Role.UNSEEN,
                    stranger.get(),
                    Founder.OwnFolder.FOREIGN,
                    Optional.empty());
        }
        String lost = "was not seen at the start" + (there ? "" : ": " + sighting.problem());
        AssemblyPlan.Role role;
        String reason;
        if (entry.isEmpty()) {
            role = there ? AssemblyPlan.Role.STALE : AssemblyPlan.Role.UNSEEN;
            reason = there ? "is new in the configuration: recover it" : lost;
        } else {
            boolean moved = !entry.get().location().equals(sighting.source().location())
                    && sighting.copyHere().isEmpty();
            role = role(entry.get(), there);
            reason = switch (role) {
                case CANDIDATE -> "";
                case UNSEEN -> lost;
                case RESUMING -> INTERRUPTED;
                case STALE -> stillStale(entry.get(), sighting);
                default -> entry.get().reason();
            };
            if (role == AssemblyPlan.Role.CANDIDATE && moved) {
                role = AssemblyPlan.Role.STALE;
                reason = "is at another place than it was, " + entry.get().location() + ": recover it";
            }
        }
        return new AssemblyPlan.Part(sighting, id, role, reason, Founder.OwnFolder.OURS, entry);
    }

    /** Why a member is still out. What an earlier start found in its place may have been put right since. */
    private static String stillStale(Superblock.Entry entry, Sighting sighting) {
        boolean isEmpty = sighting.last().equals(Tid.NONE);
        if (isEmpty && entry.last().isAfter(Tid.NONE)) {
            return emptied(entry.last()) + MOUNT_FIRST;
        }
        if (entry.state() == MemberState.WAITING) {
            return "was away while the array worked: recover it";
        }
        boolean wasInPlace = isEmpty
                || !entry.reason().startsWith(EMPTIED) && !entry.reason().startsWith(FOLDER);
        return wasInPlace ? entry.reason() : "is in its place again: recover it";
    }

    private static String emptied(Tid had) {
        return EMPTIED + had + " before: is its disk mounted?";
    }

    private static AssemblyPlan.Role role(Superblock.Entry entry, boolean there) {
        // Until an interrupted recovery has gone on it is degraded, and may be interrupted again.
        MemberState before =
                entry.state() == MemberState.DEGRADED && entry.reason().equals(INTERRUPTED)
                        ? MemberState.RECOVERING
                        : entry.state();
        return switch (before) {
            case DISABLED -> AssemblyPlan.Role.DISABLED;
            case DIVERGED -> AssemblyPlan.Role.DIVERGED;
            case OPTIMAL -> there ? AssemblyPlan.Role.CANDIDATE : AssemblyPlan.Role.UNSEEN;
            case RECOVERING -> there ? AssemblyPlan.Role.RESUMING : AssemblyPlan.Role.UNSEEN;
            case DEGRADED, WAITING -> there ? AssemblyPlan.Role.STALE : AssemblyPlan.Role.UNSEEN;
        };
    }

    private static Optional<String> stranger(
            Superblock newest, Sighting sighting, Optional<Superblock.Entry> entry, List<Sighting> all) {
        if (sighting.copyHere().isEmpty()) {
            return Optional.empty();
        }
        SuperblockFile.Found.Copy copy = sighting.copyHere().get();
        if (!copy.superblock().arrayId().equals(newest.arrayId())) {
            return Optional.of(FOLDER + "belongs to another array: check the path, or rebuild it");
        }
        if (entry.isPresent() && entry.get().id().equals(copy.owner())) {
            return Optional.empty();
        }
        return newest.withId(copy.owner())
                .map(Superblock.Entry::name)
                .filter(name -> !name.equals(sighting.name()))
                .filter(name -> all.stream()
                        .map(Sighting::source)
                        .map(MemberSource::name)
                        .anyMatch(name::equals))
                .map(name -> FOLDER + "is that of member " + name + ": check the paths, or rebuild it");
    }

    /** Takes out candidates that look like old copies, as long as one that does not is left. */
    private static List<AssemblyPlan.Part> distrustTheDubious(Superblock newest, List<AssemblyPlan.Part> parts) {
        Tid settled = newest.marks().settled();
        List<AssemblyPlan.Part> trusted = candidates(parts).stream()
                .filter(p ->
                        !settled.isAfter(p.sighting().last()) && (!p.sighting().isLocal() || hasCopy(p)))
                .toList();
        List<AssemblyPlan.Part> judged = new ArrayList<>();
        for (AssemblyPlan.Part part : parts) {
            Optional<String> less = lessThanItHad(newest, part.sighting());
            if (part.role() != AssemblyPlan.Role.CANDIDATE
                    || trusted.contains(part)
                    || (trusted.isEmpty() && less.isEmpty())) {
                judged.add(part);
            } else {
                judged.add(part.as(
                        AssemblyPlan.Role.STALE,
                        less.map(text -> text + (text.startsWith(EMPTIED) ? MOUNT_FIRST : "; recover it"))
                                .orElse("the superblock beside it is gone: its files may have been replaced;"
                                        + " recover it")));
            }
        }
        return judged;
    }

    private static boolean hasCopy(AssemblyPlan.Part part) {
        return part.sighting().copyHere().isPresent();
    }

    private Verdict notOurs(Superblock newest, List<AssemblyPlan.Part> parts) {
        Tid last = newest.marks().last();
        if (!newest.marks().clean() && newest.stopped().isBlank()) {
            return new Verdict.Go(new AssemblyPlan(newest, AssemblyPlan.Kind.KNOWN, parts));
        }
        List<AssemblyPlan.Part> foreign = candidates(parts).stream()
                .filter(p -> p.sighting().last().isAfter(last))
                .toList();
        if (foreign.isEmpty()) {
            return new Verdict.Go(new AssemblyPlan(newest, AssemblyPlan.Kind.KNOWN, parts));
        }
        String who = foreign.stream()
                .map(p -> "member " + p.name() + " holds transaction "
                        + p.sighting().last())
                .collect(Collectors.joining(", "));
        String text = newest.stopped().isBlank()
                ? who + ", which this array did not write; it ended with " + last + ". Did another server write to it?"
                : newest.stopped();
        if (foreign.size() == candidates(parts).size()) {
            return new Verdict.Wait(text + " Assembling by force takes it over");
        }
        List<AssemblyPlan.Part> judged = parts.stream()
                .map(p -> foreign.contains(p)
                        ? p.as(AssemblyPlan.Role.DIVERGED, "holds transactions that this array did not write")
                        : p)
                .toList();
        return new Verdict.Go(new AssemblyPlan(stopped(newest, text), AssemblyPlan.Kind.KNOWN, judged));
    }

    private static Superblock stopped(Superblock block, String why) {
        return new Superblock(block.arrayId(), block.generation(), block.marks(), block.pack(), why, block.members());
    }

    /** What members that are missing have written down, and nobody can see now, must not outrank an admin's decision later. */
    private static Superblock forced(Superblock block) {
        long generation = (block.generation() / GENERATIONS_OF_A_FORCE + 1) * GENERATIONS_OF_A_FORCE;
        return new Superblock(block.arrayId(), generation, block.marks(), block.pack(), "", block.members());
    }

    /** The one that holds most becomes the truth, whatever is known against it. */
    private static List<AssemblyPlan.Part> byForce(List<AssemblyPlan.Part> parts) {
        Optional<String> truth = parts.stream()
                .filter(p -> p.sighting().contact().isPresent())
                .filter(p -> p.folder() == Founder.OwnFolder.OURS)
                .max(Comparator.comparing((AssemblyPlan.Part p) -> p.sighting().last())
                        .thenComparing(p -> -parts.indexOf(p)))
                .map(AssemblyPlan.Part::name);
        return parts.stream()
                .map(p -> truth.equals(Optional.of(p.name()))
                        ? p.as(AssemblyPlan.Role.CANDIDATE, "")
                        : p.role() == AssemblyPlan.Role.CANDIDATE
                                ? p.as(AssemblyPlan.Role.STALE, "the array was assembled by force without it")
                                : p)
                .toList();
    }

    /** An admin's force is not to end with less than lies there, when a disk is not mounted or paths are mixed up. */
    private static Optional<String> againstForce(Superblock newest, List<AssemblyPlan.Part> parts) {
        Optional<Tid> truth =
                candidates(parts).stream().map(p -> p.sighting().last()).max(Comparator.naturalOrder());
        if (truth.isEmpty()) {
            return Optional.of("not one member can be taken: "
                    + parts.stream().map(p -> nameAndProblem(newest, p)).collect(Collectors.joining(", ")));
        }
        Optional<AssemblyPlan.Part> more = parts.stream()
                .filter(p -> p.folder() == Founder.OwnFolder.FOREIGN && isOf(newest, p.sighting()))
                .filter(p -> p.sighting().last().isAfter(truth.get()))
                .findFirst();
        if (more.isPresent()) {
            return Optional.of("member " + more.get().name() + " holds more than the others, up to transaction "
                    + more.get().sighting().last() + ", and cannot be taken: "
                    + more.get().reason());
        }
        Tid last = newest.marks().last();
        return truth.get().equals(Tid.NONE) && last.isAfter(Tid.NONE)
                ? Optional.of("every member that could be taken is empty, and the array ended with transaction " + last
                        + ": are the disks mounted? To begin with an empty array, move the state directory and the"
                        + " members' folders away")
                : Optional.empty();
    }

    private static boolean isEmptied(Superblock newest, Sighting sighting) {
        return sighting.last().equals(Tid.NONE) && newest.marks().last().isAfter(Tid.NONE);
    }

    private static boolean isOf(Superblock newest, Sighting sighting) {
        return sighting.copyHere()
                .filter(copy -> copy.superblock().arrayId().equals(newest.arrayId()))
                .isPresent();
    }

    private static String missingOptimal(Superblock newest, List<AssemblyPlan.Part> parts) {
        return newest.optimal().stream()
                .map(entry -> parts.stream()
                        .filter(p -> p.name().equals(entry.name()))
                        .findFirst()
                        .map(p -> p.role() == AssemblyPlan.Role.CANDIDATE ? "" : nameAndProblem(newest, p))
                        .orElse(entry.name() + " (not in the configuration)"))
                .filter(text -> !text.isBlank())
                .collect(Collectors.joining(", "));
    }

    private static String nameAndProblem(Superblock newest, AssemblyPlan.Part part) {
        if (part.sighting().contact().isEmpty()) {
            return part.sighting().nameAndProblem();
        }
        return part.name() + " (" + lessThanItHad(newest, part.sighting()).orElse(part.reason()) + ")";
    }

    /** What is to be said of a member that ends before the settled transaction. */
    private static Optional<String> lessThanItHad(Superblock newest, Sighting sighting) {
        Tid settled = newest.marks().settled();
        if (!settled.isAfter(sighting.last())) {
            return Optional.empty();
        }
        return Optional.of(
                isEmptied(newest, sighting)
                        ? emptied(settled)
                        : "ends with transaction " + sighting.last() + " and had " + settled
                                + " before: it seems to be an older copy");
    }

    private static List<AssemblyPlan.Part> candidates(List<AssemblyPlan.Part> parts) {
        return parts.stream()
                .filter(p -> p.role() == AssemblyPlan.Role.CANDIDATE)
                .toList();
    }

    private static String names(List<Sighting> sightings) {
        return sightings.stream().map(Sighting::nameAndProblem).collect(Collectors.joining(", "));
    }
}

package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.zeoraid.array.AssemblyPlan.Role;
import org.zeoraid.array.AssemblyRules.Force;
import org.zeoraid.array.AssemblyRules.Patience;
import org.zeoraid.array.AssemblyRules.Verdict;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/**
 * Every combination of what two and three members can be, checked against the promises that the rules stand for, spelled
 * out here a second time and in another way.
 */
class AssemblyRulesTest {

    private static final UUID ARRAY = new UUID(1, 1);
    private static final UUID OTHER_ARRAY = new UUID(2, 2);
    private static final Tid SETTLED = new Tid(50);
    private static final Tid LAST = new Tid(60);
    private static final MemoryLog LOG = new MemoryLog();
    private static final String[] NAMES = {"a", "b", "c"};

    /** What can be seen of a member. */
    private enum Seen {
        ABSENT(false, 0),
        OLD_COPY(true, 40),
        UP_TO_SETTLED(true, 50),
        UP_TO_LAST(true, 60),
        LONGER(true, 70);

        final boolean there;
        final Tid last;

        Seen(boolean there, long last) {
            this.there = there;
            this.last = new Tid(last);
        }
    }

    /** What lies beside a member. */
    private enum Beside {
        NEWEST,
        OLDER,
        NOTHING,
        ANOTHER_ARRAYS
    }

    private record Case(MemberState state, Seen seen, Beside beside) {}

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final List<MemberDoor> doors = doors();
    private final AtomicLong ids = new AtomicLong(100);
    private final AssemblyRules rules = new AssemblyRules(Tid.NONE, () -> new UUID(9, ids.incrementAndGet()));

    private static List<Case> cases(MemberState... states) {
        List<Case> cases = new ArrayList<>();
        for (MemberState state : states) {
            for (Seen seen : Seen.values()) {
                for (Beside beside : Beside.values()) {
                    if (seen != Seen.ABSENT || beside == Beside.NEWEST) {
                        cases.add(new Case(state, seen, beside));
                    }
                }
            }
        }
        return cases;
    }

    private static List<List<Case>> combinations(int members, List<Case> cases) {
        List<List<Case>> all = List.of(List.of());
        for (int i = 0; i < members; i++) {
            List<List<Case>> longer = new ArrayList<>();
            for (List<Case> some : all) {
                for (Case next : cases) {
                    List<Case> more = new ArrayList<>(some);
                    more.add(next);
                    longer.add(more);
                }
            }
            all = longer;
        }
        return all;
    }

    @Test
    void anyTwoMembersInAnyState() {
        int count = 0;
        for (List<Case> combination : combinations(2, cases(MemberState.values()))) {
            for (Patience patience : Patience.values()) {
                check(combination, patience, false);
                check(combination, patience, true);
                count++;
            }
        }
        assertThat(count).isGreaterThan(20_000);
    }

    @Test
    void anyThreeMembersOptimalOrStale() {
        for (List<Case> combination : combinations(3, cases(MemberState.OPTIMAL, MemberState.DEGRADED))) {
            check(combination, Patience.OVER, false);
            check(combination, Patience.LEFT, true);
        }
    }

    private void check(List<Case> members, Patience patience, boolean clean) {
        Superblock newest = superblock(ARRAY, 5, members, clean);
        List<Sighting> sightings = sightings(members, newest);
        SuperblockFile.Found state = new SuperblockFile.Found.Copy(SuperblockFile.STATE_DIRECTORY, newest);

        Verdict verdict = rules.judge(state, sightings, patience, Force.NO);

        Supplier<String> what =
                () -> members + ", patience " + patience + (clean ? ", stopped in order" : "") + ": " + verdict;
        List<Case> trustworthy = members.stream()
                .filter(m -> m.state() == MemberState.OPTIMAL && m.seen().there)
                .filter(m -> m.beside() != Beside.ANOTHER_ARRAYS)
                .filter(m -> !SETTLED.isAfter(m.seen().last))
                .toList();
        Tid longest = trustworthy.stream()
                .map(m -> m.seen().last)
                .max(Comparator.naturalOrder())
                .orElse(Tid.NONE);
        if (verdict instanceof Verdict.Go go) {
            for (int i = 0; i < members.size(); i++) {
                AssemblyPlan.Part part = go.plan().parts().get(i);
                if (part.role() == Role.CANDIDATE) {
                    assertThat(trustworthy).as(what).contains(members.get(i));
                }
            }
            Tid served = go.plan().candidates().stream()
                    .map(p -> p.sighting().last())
                    .max(Comparator.naturalOrder())
                    .orElse(Tid.NONE);
            assertThat(LAST.isAfter(served))
                    .as(() -> "serves less than was acknowledged: " + what.get())
                    .isFalse();
            long missing = members.stream()
                    .filter(m -> m.state() == MemberState.OPTIMAL)
                    .filter(m -> !trustworthy.contains(m))
                    .count();
            assertThat(missing > 0 && patience == Patience.LEFT)
                    .as(() -> "did not wait: " + what.get())
                    .isFalse();
            if (clean && go.plan().base().stopped().isBlank()) {
                assertThat(served)
                        .as(() -> "adopts what is not ours: " + what.get())
                        .isEqualTo(LAST);
            }
        } else if (patience == Patience.OVER && !clean) {
            // It must not be more anxious than it need be, either.
            assertThat(LAST.isAfter(longest) || isOnlyDubious(trustworthy))
                    .as(() -> "waits without need: " + what.get())
                    .isTrue();
        }
    }

    /** A member whose superblock is gone is passed over for one that has its own, also if that one has less. */
    private static boolean isOnlyDubious(List<Case> trustworthy) {
        return trustworthy.stream()
                .filter(m -> m.beside() != Beside.NOTHING)
                .noneMatch(m -> !LAST.isAfter(m.seen().last));
    }

    @Test
    void withoutTheStateDirectorysCopyAllMembersMustBeThereAndAgree() {
        int assembled = 0;
        for (List<Case> combination : combinations(2, cases(MemberState.values()))) {
            Superblock newest = superblock(ARRAY, 5, combination, false);
            List<Sighting> sightings = sightings(combination, newest);

            Verdict verdict = rules.judge(SuperblockFile.Found.NOTHING, sightings, Patience.OVER, Force.NO);

            boolean anyCopy = combination.stream().anyMatch(m -> m.seen().there && m.beside() != Beside.NOTHING);
            if (verdict instanceof Verdict.Go && anyCopy) {
                assembled++;
                assertThat(combination).as(verdict::toString).allMatch(m -> m.seen().there);
                // Whatever the members of the best generation say, those that it calls optimal all have it.
                Beside best = combination.stream()
                        .map(Case::beside)
                        .filter(b -> b != Beside.NOTHING)
                        .max(Comparator.comparing(List.of(Beside.OLDER, Beside.NEWEST, Beside.ANOTHER_ARRAYS)::indexOf))
                        .orElseThrow();
                assertThat(combination.stream().filter(m -> m.state() == MemberState.OPTIMAL))
                        .as(verdict::toString)
                        .allMatch(m -> m.beside() == best);
                assertThat(combination.stream()
                                .map(Case::beside)
                                .filter(b -> b != Beside.NOTHING)
                                .map(b -> b == Beside.ANOTHER_ARRAYS)
                                .distinct())
                        .as(verdict::toString)
                        .hasSize(1);
            }
        }
        assertThat(assembled).isPositive();
    }

    @Test
    void forceTakesTheUpToDateOneIfThereIsOneAndElseTheOneThatHoldsMost() {
        List<Case> upToDate = List.of(
                new Case(MemberState.OPTIMAL, Seen.UP_TO_LAST, Beside.NEWEST),
                new Case(MemberState.OPTIMAL, Seen.ABSENT, Beside.NEWEST),
                new Case(MemberState.DEGRADED, Seen.LONGER, Beside.NEWEST));
        List<Case> stale = List.of(
                new Case(MemberState.OPTIMAL, Seen.ABSENT, Beside.NEWEST),
                new Case(MemberState.DEGRADED, Seen.OLD_COPY, Beside.OLDER),
                new Case(MemberState.DEGRADED, Seen.UP_TO_SETTLED, Beside.OLDER));

        assertThat(candidates(upToDate, Force.YES)).containsExactly("a");
        assertThat(candidates(stale, Force.YES)).containsExactly("c");
    }

    @Test
    void theFirstStartWaitsForEveryMemberAndForceDoesNot() {
        List<Case> members = List.of(
                new Case(MemberState.OPTIMAL, Seen.UP_TO_LAST, Beside.NOTHING),
                new Case(MemberState.OPTIMAL, Seen.ABSENT, Beside.NOTHING));
        List<Sighting> sightings = sightings(members, superblock(ARRAY, 5, members, false));

        Verdict waits = rules.judge(SuperblockFile.Found.NOTHING, sightings, Patience.OVER, Force.NO);
        Verdict goes = rules.judge(SuperblockFile.Found.NOTHING, sightings, Patience.LEFT, Force.YES);

        assertThat(waits).isInstanceOfSatisfying(Verdict.Wait.class, wait -> assertThat(wait.reason())
                .contains("waits for b (away)"));
        assertThat(goes).isInstanceOfSatisfying(Verdict.Go.class, go -> assertThat(
                        go.plan().candidates())
                .hasSize(1));
    }

    @Test
    void aMembersFolderUnderAnotherMembersNameIsNotTaken() {
        List<Case> members = List.of(
                new Case(MemberState.OPTIMAL, Seen.UP_TO_LAST, Beside.NEWEST),
                new Case(MemberState.OPTIMAL, Seen.UP_TO_LAST, Beside.NEWEST),
                new Case(MemberState.OPTIMAL, Seen.UP_TO_LAST, Beside.NEWEST));
        Superblock newest = superblock(ARRAY, 5, members, false);
        List<Sighting> sightings = sightings(members, newest);
        Sighting swapped = new Sighting(
                sightings.get(1).source(),
                sightings.get(1).door(),
                new SuperblockFile.Found.Copy(id(0), newest),
                sightings.get(1).contact(),
                "");

        Verdict verdict = rules.judge(
                new SuperblockFile.Found.Copy(SuperblockFile.STATE_DIRECTORY, newest),
                List.of(sightings.get(0), swapped, sightings.get(2)),
                Patience.OVER,
                Force.NO);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Go.class, go -> {
            assertThat(go.plan().candidates())
                    .extracting(AssemblyPlan.Part::name)
                    .containsExactly("a", "c");
            assertThat(go.plan().parts().get(1).reason()).contains("that of member a");
        });
    }

    @Test
    void forceDoesNotTakeLessThanLiesInAFolderThatIsInTheWrongPlace() {
        List<Case> members = List.of(
                new Case(MemberState.OPTIMAL, Seen.UP_TO_LAST, Beside.NEWEST),
                new Case(MemberState.OPTIMAL, Seen.OLD_COPY, Beside.NOTHING));
        Superblock newest = superblock(ARRAY, 5, members, false);
        List<Sighting> sightings = sightings(members, newest);
        Sighting misplaced = new Sighting(
                sightings.get(0).source(),
                sightings.get(0).door(),
                new SuperblockFile.Found.Copy(id(1), newest),
                sightings.get(0).contact(),
                "");

        Verdict verdict = rules.judge(
                SuperblockFile.Found.NOTHING, List.of(misplaced, sightings.get(1)), Patience.OVER, Force.YES);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Wait.class, wait -> assertThat(wait.reason())
                .contains("member a holds more than the others", "its folder is that of member b"));
    }

    private List<String> candidates(List<Case> members, Force force) {
        Superblock newest = superblock(ARRAY, 5, members, false);
        Verdict verdict = rules.judge(
                new SuperblockFile.Found.Copy(SuperblockFile.STATE_DIRECTORY, newest),
                sightings(members, newest),
                Patience.OVER,
                force);
        return ((Verdict.Go) verdict)
                .plan().candidates().stream().map(AssemblyPlan.Part::name).toList();
    }

    private static UUID id(int number) {
        return new UUID(5, number);
    }

    private Superblock superblock(UUID array, long generation, List<Case> members, boolean clean) {
        List<Superblock.Entry> entries = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            entries.add(new Superblock.Entry(
                    id(i),
                    NAMES[i],
                    ArrayRig.folder(NAMES[i]).toString(),
                    members.get(i).state(),
                    "",
                    Instant.EPOCH,
                    Tid.NONE,
                    LAST,
                    false,
                    Superblock.RecoveryNote.NONE));
        }
        Superblock.Marks marks = new Superblock.Marks(LAST, clean ? LAST : SETTLED, Tid.NONE, clean);
        return new Superblock(array, generation, marks, Optional.empty(), "", entries);
    }

    private List<Sighting> sightings(List<Case> members, Superblock newest) {
        List<Sighting> sightings = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            Case member = members.get(i);
            FolderMember source =
                    new FolderMember(environment.disk(), ArrayRig.folder(NAMES[i]), MemoryMember.named(NAMES[i]));
            SuperblockFile.Found copy =
                    switch (member.seen().there ? member.beside() : Beside.NOTHING) {
                        case NEWEST -> new SuperblockFile.Found.Copy(id(i), newest);
                        case OLDER -> new SuperblockFile.Found.Copy(id(i), older(newest));
                        case NOTHING -> SuperblockFile.Found.NOTHING;
                        case ANOTHER_ARRAYS -> new SuperblockFile.Found.Copy(id(i), another(newest));
                    };
            Optional<Sighting.Contact> contact = member.seen().there
                    ? Optional.of(new Sighting.Contact(LOG, member.seen().last, Tid.NONE))
                    : Optional.empty();
            sightings.add(new Sighting(source, doors.get(i), copy, contact, member.seen().there ? "" : "away"));
        }
        return sightings;
    }

    private List<MemberDoor> doors() {
        List<MemberDoor> doors = new ArrayList<>();
        for (String name : NAMES) {
            FolderMember source = new FolderMember(environment.disk(), ArrayRig.folder(name), MemoryMember.named(name));
            doors.add(new MemberDoor(environment, "main", source, ArrayRig.PATIENCE));
        }
        return doors;
    }

    private static Superblock older(Superblock newest) {
        return new Superblock(
                newest.arrayId(), newest.generation() - 1, newest.marks(), newest.pack(), "", newest.members());
    }

    private static Superblock another(Superblock newest) {
        return new Superblock(OTHER_ARRAY, 9, newest.marks(), newest.pack(), "", newest.members());
    }
}

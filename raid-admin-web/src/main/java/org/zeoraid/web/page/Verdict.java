package org.zeoraid.web.page;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.web.action.Action;

/**
 * The first answer for somebody who was woken: whether the service is up, and what is to be done.
 *
 * @param state the state of the worst array
 * @param headline is the service up?
 * @param sentence what is the matter, in one line
 * @param tasks what to do, the most urgent first; empty if nothing is
 */
record Verdict(ArrayState state, String headline, String sentence, List<Task> tasks) {

    /**
     * Something to do.
     *
     * @param member empty where it concerns the array
     * @param action what the button beside it does
     */
    record Task(String array, Optional<String> member, String text, Optional<Action> action) {}

    static Verdict of(List<ArrayPicture> pictures, Instant now) {
        List<ArrayStatus> arrays = pictures.stream().map(ArrayPicture::status).toList();
        if (arrays.isEmpty()) {
            return new Verdict(
                    ArrayState.FAILED, "No array is configured", "The configuration names no array.", List.of());
        }
        ArrayStatus worst =
                arrays.stream().max(Comparator.comparing(ArrayStatus::state)).orElseThrow();
        List<Task> tasks = new ArrayList<>();
        arrays.stream()
                .sorted(Comparator.comparing(ArrayStatus::state).reversed())
                .forEach(array -> addTasks(array, tasks));
        pictures.forEach(picture ->
                inDoubt(picture.status().name(), picture.abandoned(now)).ifPresent(tasks::add));
        // with every array optimal, only transactions in doubt leave something to do
        String headline = worst.state() == ArrayState.OPTIMAL && !tasks.isEmpty()
                ? "In service, with a transaction in doubt"
                : headline(worst, arrays);
        return new Verdict(worst.state(), headline, sentence(worst, arrays), List.copyOf(tasks));
    }

    /** For a server whose arrays cannot even be asked. */
    static Verdict unreachable(String why) {
        return new Verdict(ArrayState.FAILED, "Out of service", "The arrays cannot be asked: " + why, List.of());
    }

    private static String headline(ArrayStatus worst, List<ArrayStatus> arrays) {
        return switch (worst.state()) {
            case OPTIMAL -> "All is well";
            case RECOVERING -> "In service, recovering";
            case DEGRADED ->
                arrays.stream().anyMatch(Verdict::isOnItsLast)
                        ? "In service, on the last member"
                        : "In service, not at full strength";
            case FAILED -> {
                long failed = arrays.stream()
                        .filter(array -> array.state() == ArrayState.FAILED)
                        .count();
                yield failed == arrays.size() ? "Out of service" : worst.name() + " is out of service";
            }
        };
    }

    private static boolean isOnItsLast(ArrayStatus array) {
        return array.state() == ArrayState.DEGRADED && Action.optimal(array) == 1;
    }

    private static String sentence(ArrayStatus worst, List<ArrayStatus> arrays) {
        if (worst.state() == ArrayState.OPTIMAL) {
            long members =
                    arrays.stream().mapToLong(array -> array.members().size()).sum();
            return arrays.size() == 1
                    ? "The array " + worst.name() + " is in service; " + all(members) + "."
                    : "All " + arrays.size() + " arrays are in service; " + all(members) + ".";
        }
        if (worst.state() == ArrayState.FAILED) {
            String serves = worst.readOnly() ? " answers reads only: " : " answers nobody: ";
            return "The array " + worst.name() + serves
                    + (worst.reason().isBlank() ? "no optimal member is left." : sentenceOf(worst.reason()));
        }
        long optimal = Action.optimal(worst);
        return "The array " + worst.name() + " works with " + optimal + " of "
                + Count.of(worst.members().size(), "member") + "."
                + (worst.state() == ArrayState.DEGRADED && optimal == 1 ? " If that one fails too, it is down." : "")
                + catchingUp(worst);
    }

    /** Who is on the way back, and for how long, so that nobody stays up for what mends itself. */
    private static String catchingUp(ArrayStatus array) {
        return array.members().stream()
                .filter(member -> member.state() == MemberState.RECOVERING
                        && member.operation().filter(OperationStatus::paused).isEmpty())
                .map(member -> " " + member.name() + " is catching up"
                        + member.operation()
                                .flatMap(OperationStatus::timeLeft)
                                .map(left -> ", about " + Words.duration(left) + " left")
                                .orElse("")
                        + ": nothing to do there.")
                .collect(Collectors.joining());
    }

    private static String all(long members) {
        return members == 1 ? "its one member is optimal" : "all " + members + " members are optimal";
    }

    private static void addTasks(ArrayStatus array, List<Task> tasks) {
        if (array.state() == ArrayState.FAILED) {
            tasks.add(failed(array));
        }
        array.members().stream().sorted(Comparator.comparing(Verdict::urgency)).forEach(member -> task(array, member)
                .ifPresent(tasks::add));
    }

    private static int urgency(MemberStatus member) {
        return switch (member.state()) {
            case DEGRADED, WAITING -> 0;
            case DIVERGED -> 1;
            case DISABLED -> 2;
            case RECOVERING -> 3;
            case OPTIMAL -> 4;
        };
    }

    private static Optional<Task> inDoubt(String array, List<PreparedBranch> branches) {
        if (branches.isEmpty()) {
            return Optional.empty();
        }
        String what = branches.size() == 1
                ? "A transaction branch waits for its transaction manager, and keeps what it changes locked."
                : branches.size()
                        + " transaction branches wait for their transaction managers, and keep what they change locked.";
        return Optional.of(new Task(
                array,
                Optional.empty(),
                what
                        + " See that the node is up, with its transaction log and recovery switched on; decide by hand only"
                        + " if it will not come back.",
                Optional.empty()));
    }

    private static Task failed(ArrayStatus array) {
        List<String> waiting = array.members().stream()
                .filter(member -> member.state() == MemberState.WAITING)
                .map(MemberStatus::name)
                .toList();
        String text;
        if (waiting.isEmpty()) {
            text = "Find out what its reason says, and put that right. Only if no member with everything will come"
                    + " back, assemble by force from those that are there.";
        } else {
            // until it is assembled all of them wait, and the reason names those that are missing
            String what = waiting.size() == array.members().size()
                    ? "what its reason says it waits for"
                    : "what it waits for: " + String.join(", ", waiting);
            text = "Bring back " + what
                    + ". It goes on by itself then. Only if that is lost for good, assemble by force" + " without it.";
        }
        return new Task(array.name(), Optional.empty(), text, Optional.empty());
    }

    private static Optional<Task> task(ArrayStatus array, MemberStatus member) {
        List<Action> offered = Action.offered(array, member);
        String text =
                switch (member.state()) {
                    case OPTIMAL -> "";
                    case RECOVERING ->
                        member.operation().filter(OperationStatus::paused).isPresent()
                                ? "Its recovery is paused. Resume it."
                                : "";
                    case DEGRADED ->
                        member.kind().equals("zeoclient")
                                ? "See that its server is well. If it does not come back by itself then, recover it; the"
                                        + " array works meanwhile."
                                : "See that its disk is well, then recover it; the array works meanwhile.";
                    case DISABLED -> "An admin has taken it out. Recover it when the work on it is done.";
                    case WAITING ->
                        array.state() == ArrayState.FAILED
                                ? ""
                                : "It has not been seen since the start. Bring it back; if it is not taken in by itself then,"
                                        + " recover it.";
                    case DIVERGED ->
                        "It holds transactions that the array does not. Copy its file if they may be needed, then"
                                + " rebuild it.";
                };
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<Action> action = List.of(Action.RECOVER, Action.RESUME, Action.REBUILD).stream()
                .filter(offered::contains)
                .findFirst();
        return Optional.of(new Task(array.name(), Optional.of(member.name()), text, action));
    }

    private static String sentenceOf(String reason) {
        return reason.endsWith(".") ? reason : reason + ".";
    }
}

package org.zeoraid.web.action;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;

/**
 * What can be asked for. Whether it is offered is judged by what is seen now, for a page to show what makes sense; the
 * array itself decides when it is asked, and may refuse.
 */
public enum Action {
    /** Starts an online recovery. */
    RECOVER(Scope.MEMBER, "Recover", Starts.LONG),
    /** Goes on with a paused recovery. */
    RESUME(Scope.MEMBER, "Resume", Starts.SHORT),
    /** Pauses a recovery. */
    PAUSE(Scope.MEMBER, "Pause", Starts.SHORT),
    /** Bounds a recovery's rate. */
    THROTTLE(Scope.MEMBER, "Throttle", Starts.SHORT),
    /** Reads a member whole and checks it. */
    VERIFY(Scope.MEMBER, "Verify", Starts.LONG),
    /** Takes a member out. */
    DISABLE(Scope.MEMBER, "Disable", Starts.SHORT),
    /** Copies everything to a member anew. */
    REBUILD(Scope.MEMBER, "Rebuild", Starts.LONG),
    /** Forgets old history. */
    PACK(Scope.ARRAY, "Pack", Starts.LONG),
    /** Reads the configuration again. */
    RELOAD(Scope.ARRAY, "Reload", Starts.SHORT),
    /** Serves without the members that are missing. */
    ASSEMBLE(Scope.ARRAY, "Assemble by force", Starts.SHORT);

    /** What it is done to. */
    public enum Scope {
        ARRAY,
        MEMBER
    }

    /** Whether it goes on after it was accepted. */
    public enum Starts {
        SHORT,
        LONG
    }

    private final Scope scope;
    private final String label;
    private final Starts starts;

    Action(Scope scope, String label, Starts starts) {
        this.scope = scope;
        this.label = label;
        this.starts = starts;
    }

    /** The action of a name such as {@code recover}, for arrays or for members. */
    public static Optional<Action> of(Scope scope, String word) {
        return Arrays.stream(values())
                .filter(action -> action.scope == scope && action.word().equals(word))
                .findAny();
    }

    /** What an admin can sensibly do to an array now. */
    public static List<Action> offered(ArrayStatus array) {
        return Arrays.stream(values())
                .filter(action -> action.scope == Scope.ARRAY && action.fits(array))
                .toList();
    }

    /** What an admin can sensibly do to a member now. */
    public static List<Action> offered(ArrayStatus array, MemberStatus member) {
        return Arrays.stream(values())
                .filter(action -> action.scope == Scope.MEMBER && action.fits(array, member))
                .toList();
    }

    /** The name in URLs and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name on a button. */
    public String label() {
        return label;
    }

    public Scope scope() {
        return scope;
    }

    /** Whether it is under way, not done, when it has been accepted. */
    public boolean isLong() {
        return starts == Starts.LONG;
    }

    /** Whether it takes something away that is not back at once, with nothing to be typed before. */
    public boolean isCostly() {
        return switch (this) {
            case DISABLE, REBUILD, PACK, RELOAD, VERIFY -> true;
            case RECOVER, RESUME, PAUSE, THROTTLE, ASSEMBLE -> false;
        };
    }

    private boolean fits(ArrayStatus array) {
        boolean failed = array.state() == ArrayState.FAILED;
        return switch (this) {
            case RELOAD -> true;
            case PACK ->
                !failed
                        && !array.readOnly()
                        && array.operation().isEmpty()
                        && array.members().stream()
                                .allMatch(member -> member.operation().isEmpty());
            case ASSEMBLE -> failed;
            default -> false;
        };
    }

    private boolean fits(ArrayStatus array, MemberStatus member) {
        boolean failed = array.state() == ArrayState.FAILED;
        // while it is packed no member is recovered, for its history would change under the copy
        boolean copies = !failed && array.operation().isEmpty();
        Optional<OperationStatus> copying = member.operation().filter(Action::copies);
        return switch (this) {
            case RECOVER -> copies && isOut(member.state());
            case REBUILD -> copies && (isOut(member.state()) || member.state() == MemberState.DIVERGED);
            case DISABLE ->
                switch (member.state()) {
                    case OPTIMAL -> optimal(array) > 1;
                    case RECOVERING, DEGRADED -> !failed;
                    case DISABLED, DIVERGED, WAITING -> false;
                };
            case PAUSE -> copying.filter(operation -> !operation.paused()).isPresent();
            case RESUME -> copying.filter(OperationStatus::paused).isPresent();
            case THROTTLE -> copying.isPresent();
            case VERIFY ->
                member.state() == MemberState.OPTIMAL && member.operation().isEmpty();
            default -> false;
        };
    }

    private static boolean copies(OperationStatus operation) {
        return operation.kind().equals("recover") || operation.kind().equals("rebuild");
    }

    private static boolean isOut(MemberState state) {
        return state == MemberState.DEGRADED || state == MemberState.DISABLED || state == MemberState.WAITING;
    }

    /** How many members hold everything. */
    public static long optimal(ArrayStatus array) {
        return array.members().stream()
                .filter(member -> member.state() == MemberState.OPTIMAL)
                .count();
    }
}

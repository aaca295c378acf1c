package org.zeoraid.web.action;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;

/** What an admin can decide of a branch in doubt instead of its transaction manager, and afterwards. */
public enum Decision {
    /** Commits by force. */
    COMMIT("Commit", "committed"),
    /** Rolls back by force. */
    ROLLBACK("Roll back", "rolled back"),
    /** Forgets what was decided. */
    FORGET("Forget", "forgotten");

    private final String label;
    private final String done;

    Decision(String label, String done) {
        this.label = label;
        this.done = done;
    }

    /** The decision of a name such as {@code commit}. */
    public static Optional<Decision> of(String word) {
        return Arrays.stream(values())
                .filter(decision -> decision.word().equals(word))
                .findAny();
    }

    /** What fits a branch now; the array itself decides when it is asked. */
    public static List<Decision> offered(PreparedBranch branch) {
        return branch.state() == PreparedBranch.State.IN_DOUBT ? List.of(COMMIT, ROLLBACK) : List.of(FORGET);
    }

    /** The name in URLs and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name on a button. */
    public String label() {
        return label;
    }

    /** What a branch is afterwards, such as {@code rolled back}. */
    public String done() {
        return done;
    }

    /**
     * Has it carried out.
     *
     * @throws RuntimeException what the administration refuses it with, or what failed
     */
    public Order.Progress give(ArrayControl control, String array, BranchId branch) throws InterruptedException {
        CompletionStage<Void> stage =
                switch (this) {
                    case COMMIT -> control.commitBranch(array, branch);
                    case ROLLBACK -> control.rollbackBranch(array, branch);
                    case FORGET -> control.forgetBranch(array, branch);
                };
        return Order.await(stage);
    }
}

package org.zeoraid.web.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.web.Scenes;

/** What is decided of a branch is what was asked for. */
class DecisionTest {

    private static final BranchId BRANCH = BranchId.parse("1:ab:02");

    private final List<String> asked = new ArrayList<>();
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    private final ArrayControl control = new ArrayControl() {
        @Override
        public CompletionStage<Void> commitBranch(String array, BranchId branch) {
            asked.add("commit " + array + " " + branch);
            return answer;
        }

        @Override
        public CompletionStage<Void> rollbackBranch(String array, BranchId branch) {
            asked.add("rollback " + array + " " + branch);
            return answer;
        }

        @Override
        public CompletionStage<Void> forgetBranch(String array, BranchId branch) {
            asked.add("forget " + array + " " + branch);
            return answer;
        }
    };

    @Test
    void eachDoesWhatItSays() throws InterruptedException {
        for (Decision decision : Decision.values()) {
            assertThat(decision.give(control, "main", BRANCH)).isEqualTo(Order.Progress.DONE);
            assertThat(asked.get(asked.size() - 1)).isEqualTo(decision.word() + " main 1:ab:02");
            assertThat(Decision.of(decision.word())).contains(decision);
        }
        assertThat(Decision.of("burn")).isEmpty();
    }

    @Test
    void aRefusalReachesWhoAsked() {
        answer = CompletableFuture.failedFuture(
                new AdministrationException(Refusal.WRONG_STATE, "branch 1:ab:02 is decided already"));

        assertThatThrownBy(() -> Decision.COMMIT.give(control, "main", BRANCH))
                .isInstanceOf(AdministrationException.class)
                .hasMessageContaining("decided already");
    }

    @Test
    void onlyWhatIsInDoubtIsDecidedAndOnlyWhatIsDecidedForgotten() {
        assertThat(offered(PreparedBranch.State.IN_DOUBT)).containsExactly(Decision.COMMIT, Decision.ROLLBACK);
        assertThat(offered(PreparedBranch.State.COMMITTED_BY_ADMIN)).containsExactly(Decision.FORGET);
        assertThat(offered(PreparedBranch.State.ROLLED_BACK_BY_ADMIN)).containsExactly(Decision.FORGET);
    }

    private static List<Decision> offered(PreparedBranch.State state) {
        return Decision.offered(Scenes.branch("node", state, Duration.ofMinutes(1)));
    }
}

package org.zeoraid.web.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.web.Scenes.array;
import static org.zeoraid.web.Scenes.member;
import static org.zeoraid.web.Scenes.optimal;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.web.Scenes;

/** Buttons are only where they make sense. */
class ActionTest {

    @Test
    void aMemberOfAWholeArrayCanBeVerifiedAndDisabled() {
        assertThat(offered(Scenes.whole(), 1)).containsExactly(Action.VERIFY, Action.DISABLE);
    }

    @Test
    void theLastOptimalMemberCannotBeDisabled() {
        ArrayStatus array =
                array(ArrayState.DEGRADED, "", optimal("a"), member("b", MemberState.DISABLED, "by an admin"));

        assertThat(offered(array, 0)).containsExactly(Action.VERIFY);
        assertThat(offered(array, 1)).containsExactly(Action.RECOVER, Action.REBUILD);
    }

    @Test
    void aDivergedMemberCanOnlyBeRebuilt() {
        ArrayStatus array = array(ArrayState.DEGRADED, "", optimal("a"), member("b", MemberState.DIVERGED, "x"));

        assertThat(offered(array, 1)).containsExactly(Action.REBUILD);
    }

    @Test
    void aRecoveryCanBePausedOrIfItIsResumed() {
        ArrayStatus running = Scenes.recovering();
        ArrayStatus paused =
                array(ArrayState.RECOVERING, "", optimal("a"), Scenes.recovering("b", Scenes.pausedRebuild()));

        assertThat(offered(running, 1)).containsExactly(Action.PAUSE, Action.THROTTLE, Action.DISABLE);
        assertThat(offered(paused, 1)).containsExactly(Action.RESUME, Action.THROTTLE, Action.DISABLE);
    }

    @Test
    void onlyAFailedArrayIsAssembledByForce() {
        assertThat(Action.offered(Scenes.failed())).containsExactly(Action.RELOAD, Action.ASSEMBLE);
        assertThat(Action.offered(Scenes.degraded())).containsExactly(Action.PACK, Action.RELOAD);
        assertThat(offered(Scenes.failed(), 1)).isEmpty();
    }

    @Test
    void anArrayIsNotPackedTwiceAtOnce() {
        ArrayStatus whole = Scenes.whole();
        ArrayStatus packing = new ArrayStatus(
                "main", whole.state(), "", whole.lastTid(), 1, false, Optional.of(Scenes.copying()), whole.members());

        assertThat(Action.offered(packing)).containsExactly(Action.RELOAD);
    }

    @Test
    void nothingIsPackedWhileAMemberIsCopiedOrVerified() {
        ArrayStatus verifying =
                array(ArrayState.OPTIMAL, "", optimal("a"), Scenes.withOperation(optimal("b"), Scenes.verifying()));

        assertThat(Action.offered(Scenes.recovering())).containsExactly(Action.RELOAD);
        assertThat(Action.offered(verifying)).containsExactly(Action.RELOAD);
    }

    @Test
    void nothingIsCopiedWhileTheArrayIsPacked() {
        ArrayStatus degraded = Scenes.degraded();
        ArrayStatus packing = new ArrayStatus(
                "main",
                degraded.state(),
                "",
                degraded.lastTid(),
                1,
                false,
                Optional.of(Scenes.copying()),
                degraded.members());

        for (int i = 0; i < packing.members().size(); i++) {
            assertThat(offered(packing, i)).doesNotContain(Action.RECOVER, Action.REBUILD);
        }
    }

    @Test
    void wordsAreFoundInTheirScopeOnly() {
        assertThat(Action.of(Action.Scope.MEMBER, "recover")).contains(Action.RECOVER);
        assertThat(Action.of(Action.Scope.ARRAY, "recover")).isEmpty();
        assertThat(Action.of(Action.Scope.ARRAY, "RELOAD")).isEmpty();
    }

    private static List<Action> offered(ArrayStatus array, int member) {
        return Action.offered(array, array.members().get(member));
    }
}

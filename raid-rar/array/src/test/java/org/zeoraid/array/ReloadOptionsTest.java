package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.MemberState;

/** What a configuration that is read again changes at once, and what later. */
class ReloadOptionsTest {

    private final ArrayRig rig = new ArrayRig(91, "a", "b", "c");

    private List<String> told(String member) {
        return rig.array.events(0, 1000).stream()
                .filter(event ->
                        event.kind().equals("options") && event.member().equals(member))
                .map(ArrayEvent::text)
                .toList();
    }

    @Test
    void anOpenMembersNewOptionsAreToldOfAndCountWhenItIsOpenedTheNextTime() {
        rig.settings.put("b", "quota 1");
        rig.openServing();
        rig.settings.put("b", "quota 2");

        rig.environment.await(rig.array.reload());

        assertThat(told("b")).singleElement().asString().contains("disable and recover it, or restart");
        assertThat(told("a")).isEmpty();
        assertThat(rig.openedWith).containsEntry("b", "quota 1");
        rig.environment.await(rig.array.disable("b"));
        rig.environment.await(rig.array.recover("b"));
        rig.environment.runUntil(() -> rig.state("b") == MemberState.OPTIMAL);
        assertThat(rig.openedWith).containsEntry("b", "quota 2");
        rig.environment.await(rig.array.reload());
        assertThat(told("b")).hasSize(1);
    }

    @Test
    void aMemberThatIsNotOpenHasItsNewOptionsFromItsRecoveryOn() {
        rig.openServing();
        rig.environment.await(rig.array.disable("b"));
        rig.environment.advance(Duration.ofSeconds(1));
        rig.settings.put("b", "quota 2");

        rig.environment.await(rig.array.reload());

        assertThat(told("b")).singleElement().asString().contains("count when it is opened the next time");
    }

    @Test
    void theArraysOwnOptionsCountAfterARestartAndThatIsTold() {
        rig.openServing();
        rig.failMode = FailMode.READ_ONLY;

        rig.environment.await(rig.array.reload());

        assertThat(told("")).singleElement().asString().contains("after a restart");
    }
}

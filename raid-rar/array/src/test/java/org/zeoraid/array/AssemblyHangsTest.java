package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Arrays that start after an unclean stop, while a member holds up the thread that works on it: a disk that hangs. */
class AssemblyHangsTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ArrayOptions QUICK = new ArrayOptions(
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            Duration.ofSeconds(5));

    private static void servesWithout(String hanging, String why, Consumer<Faults> fault) {
        ArrayRig rig = new ArrayRig(1, "a", "b", "c");
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.crash();
        Tid tail = last.after();
        rig.append("a", tail.after(), "the longest tail");
        rig.append("b", tail, "another tail");
        fault.accept(rig.faults(hanging));
        try (SystemEnvironment system = new SystemEnvironment("assembly-hangs")) {
            RaidArray array = RaidArray.open(
                    new OnDisk(system, rig.disk),
                    () -> new ArrayConfiguration(
                            "main", rig.configuration().members(), ArrayRig.STATE, FailMode.CLOSE, false, QUICK));

            await().atMost(LONG).until(() -> array.status().state() == ArrayState.DEGRADED);

            MemberStatus out = array.status().members().stream()
                    .filter(m -> m.name().equals(hanging))
                    .findFirst()
                    .orElseThrow();
            assertThat(out.state()).isEqualTo(MemberState.DEGRADED);
            assertThat(out.reason()).contains(why);
            rig.faults(hanging).release();
            array.close();
        }
    }

    @Test
    void aMemberWhoseReadsHangIsLeftBehind() {
        servesWithout("b", "could not be read through", faults -> faults.reads(Faults.Read.BLOCK));
    }

    @Test
    void aMemberThatHangsInCuttingItsTailIsLeftBehind() {
        servesWithout("b", "could not be made equal", Faults::cutsBlock);
    }
}

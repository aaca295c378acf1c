package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.contract.Pickles;

/** Members that are packed at different times, while clients go on: they forget the same. */
class PackRunTest {

    private static final Oid LOST = Rig.oid(5);

    private final ArrayRig rig = new ArrayRig(51, "a", "b");

    private Tid commit(long oid, long... references) {
        Oid[] oids = Arrays.stream(references).mapToObj(Rig::oid).toArray(Oid[]::new);
        return rig.commit(oid, new String(Pickles.referencing("object " + oid, oids), StandardCharsets.UTF_8));
    }

    /** An object that nothing references any more, and the transaction in which that began. */
    private Tid withGarbage() {
        rig.openServing();
        commit(5);
        commit(0, 5);
        return commit(0);
    }

    private void assertEqual() {
        assertThat(rig.log("a").loadBefore(LOST, Tid.MAX).toCompletableFuture())
                .as("which is garbage in the first, that decides")
                .isCompletedExceptionally();
        assertThat(rig.log("b").loadBefore(LOST, Tid.MAX).toCompletableFuture()).isCompletedExceptionally();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<?> load = rig.storage().loadBefore(LOST, Tid.MAX).toCompletableFuture();
            rig.environment.advance(Duration.ofSeconds(1));
            assertThat(load).isCompletedExceptionally();
        }
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void whatIsReferencedAgainBetweenTwoMembersPacksIsGoneInBothOrInNone() {
        Tid upTo = withGarbage();
        rig.faults("b").silentAt("pack");

        CompletableFuture<PackResult> pack = rig.array
                .pack(new PackRequest(upTo, PackRequest.Garbage.COLLECT))
                .toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(10));
        commit(0, 5);
        rig.faults("b").release();
        rig.environment.await(pack);

        assertEqual();
    }

    @Test
    void whereOneMemberKeepsGarbageAllDo() {
        rig.faults("b").keepsGarbage();
        Tid upTo = withGarbage();

        PackResult result = rig.environment.await(rig.array.pack(new PackRequest(upTo, PackRequest.Garbage.COLLECT)));

        assertThat(result.note()).contains("garbage was kept, because member b is configured so");
        assertThat(rig.log("a").loadBefore(LOST, Tid.MAX).toCompletableFuture()).isCompleted();
        assertThat(rig.storage().loadBefore(LOST, Tid.MAX).toCompletableFuture())
                .isCompleted();
    }

    @Test
    void aMemberThatMakesUpForItLaterForgetsTheSameAlsoAfterARestart() {
        Tid upTo = withGarbage();
        rig.faults("b").silentAt("pack");
        rig.array.pack(new PackRequest(upTo, PackRequest.Garbage.COLLECT));
        rig.environment.advance(Duration.ofSeconds(10));
        commit(0, 5);
        rig.close();

        rig.crash();
        rig.openServing();
        rig.environment.advance(Duration.ofMinutes(1));

        assertEqual();
    }

    @Test
    void whoPacksIsToldWhichMemberWasNotPacked() {
        Tid upTo = withGarbage();
        rig.faults("b").silentAt("pack");
        CompletableFuture<PackResult> pack = rig.array
                .pack(new PackRequest(upTo, PackRequest.Garbage.COLLECT))
                .toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(10));

        rig.environment.await(rig.array.disable("b"));

        assertThat(rig.environment.await(pack).note())
                .isEqualTo("member b could not be packed, and owes it: it left while it was packed");
    }
}

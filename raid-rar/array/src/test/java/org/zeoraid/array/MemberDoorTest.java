package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class MemberDoorTest {

    private static final Duration SOON = Rig.OPTIONS.openDeadline().dividedBy(10);

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final MemberSource member = MemoryMember.named("a");
    private final Queue<CompletableFuture<TransactionLog>> attempts = new ArrayDeque<>();
    private final MemberDoor door = new MemberDoor(
            environment,
            "main",
            Otherwise.answering(MemberSource.class, member, "open", none -> {
                CompletableFuture<TransactionLog> attempt = new CompletableFuture<>();
                attempts.add(attempt);
                return attempt;
            }),
            Rig.OPTIONS);

    @Test
    void whoComesWhileItIsBeingOpenedOpensItAfterwards() {
        CompletionStage<TransactionLog> first = door.open();
        CompletionStage<TransactionLog> second = door.open();
        environment.advance(SOON);

        assertThat(attempts).hasSize(1);
        attempts.remove().completeExceptionally(new StorageUnavailableException("is away"));
        environment.advance(SOON);
        assertThatThrownBy(() -> environment.await(first)).hasMessageContaining("is away");
        assertThat(attempts).hasSize(1);
        TransactionLog log = environment.await(member.open());
        attempts.remove().complete(log);
        assertThat(environment.await(second)).isSameAs(log);
    }

    @Test
    void nobodyWaitsForAnAttemptThatHangs() {
        CompletionStage<TransactionLog> first = door.open();
        CompletionStage<TransactionLog> second = door.open();
        environment.advance(Rig.OPTIONS.openDeadline());

        assertThatThrownBy(() -> environment.await(first)).hasMessageContaining("was not opened within");
        assertThatThrownBy(() -> environment.await(second)).hasMessageContaining("still hangs in an earlier attempt");
        assertThatThrownBy(() -> environment.await(door.open()))
                .hasMessageContaining("still hangs in an earlier attempt");
        assertThat(attempts).hasSize(1);
    }
}

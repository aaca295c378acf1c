package org.zeoraid.raidctl.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeoraid.raidctl.Exit;

@Timeout(60)
class StoppingTest {

    @Test
    void whatIsToldToStopEndsWithItsOwnCode() {
        Stopping stopping = new Stopping(Duration.ofDays(1));
        CompletableFuture<Integer> signal = CompletableFuture.supplyAsync(stopping::stop);

        stopping.await();
        assertThat(stopping.isTold()).isTrue();
        stopping.ended(Exit.DONE);
        stopping.ended(Exit.FAILED);

        assertThat(signal.join()).isEqualTo(Exit.DONE);
    }

    @Test
    void whatDoesNotStopIsNotWaitedForForever() {
        Stopping stopping = new Stopping(Duration.ofMillis(1));

        assertThat(stopping.stop()).isEqualTo(Exit.FAILED);

        stopping.ended(Exit.DONE);
        assertThat(stopping.stop()).as("what was said once stays").isEqualTo(Exit.FAILED);
    }
}

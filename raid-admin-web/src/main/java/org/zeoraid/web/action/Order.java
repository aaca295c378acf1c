package org.zeoraid.web.action;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.PackRequest;

/**
 * Something that is to be done to an array or a member.
 *
 * @param member empty for the array
 * @param bytesPerSecond for {@link Action#THROTTLE}
 * @param pack for {@link Action#PACK}
 */
public record Order(
        String array, Optional<String> member, Action action, long bytesPerSecond, Optional<PackRequest> pack) {

    /** How long somebody is kept waiting for an answer; what takes longer is under way. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** How an order went. */
    public enum Progress {
        DONE,
        UNDER_WAY
    }

    /**
     * Has it carried out.
     *
     * @throws RuntimeException what the administration refuses it with, or what failed
     */
    public Progress give(ArrayControl control) throws InterruptedException {
        Progress progress = await(stage(control));
        return action.isLong() ? Progress.UNDER_WAY : progress;
    }

    /** Waits for a while. */
    static Progress await(CompletionStage<?> stage) throws InterruptedException {
        try {
            stage.toCompletableFuture().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            return Progress.DONE;
        } catch (TimeoutException e) {
            return Progress.UNDER_WAY;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new CompletionException(e.getCause());
        }
    }

    private CompletionStage<?> stage(ArrayControl control) {
        String name = member.orElse("");
        return switch (action) {
            case RECOVER -> control.recover(array, name);
            case RESUME -> control.resume(array, name);
            case PAUSE -> control.pause(array, name);
            case THROTTLE -> control.throttle(array, name, bytesPerSecond);
            case VERIFY -> control.verify(array, name);
            case DISABLE -> control.disable(array, name);
            case REBUILD -> control.rebuild(array, name);
            case PACK ->
                control.pack(
                        array, pack.orElseThrow(() -> new IllegalStateException("a pack needs to be told how far")));
            case RELOAD -> control.reload(array);
            case ASSEMBLE -> control.assembleByForce(array);
        };
    }
}

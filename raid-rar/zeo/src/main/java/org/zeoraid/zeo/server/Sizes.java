package org.zeoraid.zeo.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageStats;

/** How many objects a storage has, and how many bytes, as {@code info} tells it. Safe for any number of threads. */
final class Sizes {

    /** Where the answer is elsewhere, it is asked for no more often. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Storage storage;
    private final InstantSource clock;
    private volatile Optional<Map<Object, @Nullable Object>> known = Optional.empty();
    private volatile Instant notBefore = Instant.MIN;

    Sizes(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /** Those of now if the storage has them at hand, else the last that it told, if it has; on its way are others then. */
    Optional<Map<Object, @Nullable Object>> now() {
        if (!clock.instant().isBefore(notBefore)) {
            CompletableFuture<?> answer = ask().toCompletableFuture();
            if (!answer.isDone()) {
                notBefore = clock.instant().plus(PAUSE);
            }
        }
        return known;
    }

    /** Those of now. */
    CompletionStage<Map<Object, @Nullable Object>> ask() {
        return storage.stats().thenApply(stats -> {
            Map<Object, @Nullable Object> sizes = sizes(stats);
            known = Optional.of(sizes);
            return sizes;
        });
    }

    private static Map<Object, @Nullable Object> sizes(StorageStats stats) {
        Map<Object, @Nullable Object> sizes = new LinkedHashMap<>();
        sizes.put("length", stats.objects());
        sizes.put("size", stats.bytes());
        return sizes;
    }
}

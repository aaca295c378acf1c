package org.zeoraid.zeo.client;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.zeoraid.storage.Oid;

/**
 * Tells which of the connections to Python servers that this process has open lead to one and the same storage; ZEO's
 * protocol has no call for that. But a storage gives each fresh oid once, and later ones are larger: where oids that are
 * asked for by turns over one connection and another ascend, again and again, both ask one storage. Safe for any number of
 * threads.
 */
final class PythonIdentities {

    private static final PythonIdentities OF_THIS_PROCESS = new PythonIdentities();

    /** Somebody else may happen to take an oid at the same moment, but not every time. */
    private static final int ROUNDS = 3;

    /** Whoever does not answer is no member now, and is compared when it is opened again. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private record Known(WeakReference<ServerChannel> channel, String identity) {}

    private final List<Known> open = new ArrayList<>();
    private CompletionStage<Optional<String>> before = CompletableFuture.completedFuture(Optional.empty());
    private long count;

    private PythonIdentities() {}

    /** The identity of the storage that a connection, registered for writing, leads to; empty if it gives no oids. */
    static CompletionStage<Optional<String>> of(ServerChannel channel) {
        return OF_THIS_PROCESS.identify(channel);
    }

    /** One at a time, so that of two that are opened at once the second knows the first. */
    private synchronized CompletionStage<Optional<String>> identify(ServerChannel channel) {
        before = before.thenCompose(done -> compare(channel, known(), 0))
                .thenApply(found -> found.map(identity -> keep(channel, identity)));
        return before;
    }

    private synchronized List<Known> known() {
        open.removeIf(one -> {
            ServerChannel channel = one.channel().get();
            return channel == null || channel.hasEnded();
        });
        return List.copyOf(open);
    }

    private synchronized String keep(ServerChannel channel, String identity) {
        String name = identity.isEmpty() ? "Python storage " + ++count + " of this process" : identity;
        open.add(new Known(new WeakReference<>(channel), name));
        return name;
    }

    /** The identity of the one of the others that is the same storage; blank if none is. */
    private static CompletionStage<Optional<String>> compare(ServerChannel channel, List<Known> others, int index) {
        if (index == others.size()) {
            return CompletableFuture.completedFuture(Optional.of(""));
        }
        ServerChannel other = others.get(index).channel().get();
        return (other == null ? CompletableFuture.completedFuture(Answer.DIFFERENT) : ask(channel, other, 0))
                .thenCompose(answer -> switch (answer) {
                    case SAME ->
                        CompletableFuture.completedFuture(
                                Optional.of(others.get(index).identity()));
                    case DIFFERENT -> compare(channel, others, index + 1);
                    case NONE -> CompletableFuture.completedFuture(Optional.empty());
                });
    }

    private enum Answer {
        SAME,
        DIFFERENT,
        /** The new connection gives no oids. */
        NONE
    }

    private static CompletionStage<Answer> ask(ServerChannel channel, ServerChannel other, int round) {
        return fresh(channel).thenCompose(first -> fresh(other)
                .thenCompose(theirs -> fresh(channel).thenCompose(second -> {
                    if (first.isEmpty() || second.isEmpty()) {
                        return CompletableFuture.completedFuture(Answer.NONE);
                    }
                    boolean ascend = theirs.isPresent()
                            && first.get().compareTo(theirs.get()) < 0
                            && theirs.get().compareTo(second.get()) < 0;
                    if (!ascend || round + 1 == ROUNDS) {
                        return CompletableFuture.completedFuture(ascend ? Answer.SAME : Answer.DIFFERENT);
                    }
                    return ask(channel, other, round + 1);
                })));
    }

    private static CompletionStage<Optional<Oid>> fresh(ServerChannel channel) {
        return channel.ask(
                        "new_oids",
                        value -> Optional.of(Values.oid(Values.row(value, 1).get(0))),
                        1L)
                .completeOnTimeout(Optional.empty(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> Optional.empty());
    }
}

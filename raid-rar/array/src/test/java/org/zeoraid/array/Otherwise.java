package org.zeoraid.array;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/** Things of which some calls are carried out otherwise. */
final class Otherwise {

    private Otherwise() {}

    /** A call, by what it is given. */
    interface Call {
        Object answer(Object[] arguments);
    }

    /** The log that a member gives, or a better one. */
    interface LogChange {
        TransactionLog of(TransactionLog log);
    }

    /** All calls of one name are answered otherwise, all others as behind it. */
    static <T> T answering(Class<T> type, T behind, String name, Call otherwise) {
        return type.cast(Proxy.newProxyInstance(
                Otherwise.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals(name)) {
                        return otherwise.answer(arguments);
                    }
                    try {
                        return method.invoke(behind, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    static TransactionLog answering(TransactionLog log, String name, Call otherwise) {
        return answering(TransactionLog.class, log, name, otherwise);
    }

    /** A member whose logs are others. */
    static MemberSource member(MemberSource source, LogChange change) {
        return answering(
                MemberSource.class, source, "open", none -> source.open().thenApply(change::of));
    }

    /** A log that takes one transaction after another, so long for each. */
    static TransactionLog slow(TransactionLog log, Environment environment, Duration each) {
        return slow(log, environment, transaction -> each);
    }

    /** A log that takes one transaction after another. */
    static TransactionLog slow(
            TransactionLog log, Environment environment, Function<CommittedTransaction, Duration> time) {
        AtomicReference<CompletableFuture<Void>> before =
                new AtomicReference<>(CompletableFuture.completedFuture(null));
        return answering(log, "append", arguments -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            before.getAndSet(done)
                    .thenRun(() ->
                            environment.schedule(time.apply((CommittedTransaction) arguments[1]), () -> log.append(
                                            (Tid) arguments[0], (CommittedTransaction) arguments[1])
                                    .whenComplete((nothing, failure) -> done.complete(null))));
            return done;
        });
    }
}

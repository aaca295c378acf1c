package org.zeoraid.array;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/** Members whose appends are carried out, and answered, by a thread of their own, as those on disk are. */
final class WorkerMember {

    private WorkerMember() {}

    static MemberSource of(MemberSource source, Environment environment) {
        return (MemberSource) Proxy.newProxyInstance(
                WorkerMember.class.getClassLoader(),
                new Class<?>[] {MemberSource.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("open")) {
                        return source.open().thenApply(log -> log(log, environment.worker("log-" + source.name())));
                    }
                    return call(method, source, arguments);
                });
    }

    private static TransactionLog log(TransactionLog log, Environment.Worker worker) {
        return (TransactionLog) Proxy.newProxyInstance(
                WorkerMember.class.getClassLoader(),
                new Class<?>[] {TransactionLog.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("append")) {
                        return append(log, worker, (Tid) arguments[0], (CommittedTransaction) arguments[1]);
                    }
                    if (method.getName().equals("close")) {
                        worker.close();
                    }
                    return call(method, log, arguments);
                });
    }

    private static CompletionStage<Void> append(
            TransactionLog log, Environment.Worker worker, Tid previous, CommittedTransaction transaction) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        worker.execute(() -> log.append(previous, transaction).whenComplete((nothing, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        }));
        return done;
    }

    private static Object call(Method method, Object target, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}

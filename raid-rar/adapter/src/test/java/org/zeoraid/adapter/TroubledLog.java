package org.zeoraid.adapter;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryLog;

/** A log in memory that outlives those who close it, in which calls can be held up and appends go wrong. */
final class TroubledLog {
    private final MemoryLog memory = new MemoryLog();
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private CountDownLatch arrived = new CountDownLatch(1);
    private String holds = "";
    private Trouble trouble = Trouble.NONE;
    private Runnable before = () -> {};

    final TransactionLog log = (TransactionLog) Proxy.newProxyInstance(
            TransactionLog.class.getClassLoader(),
            new Class<?>[] {TransactionLog.class},
            (proxy, method, arguments) -> {
                if (method.getName().equals("close")) {
                    return null;
                }
                Call call = () -> {
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
                return answer(method.getName(), call);
            });

    private interface Call {
        Object make() throws Throwable;
    }

    private synchronized Object answer(String method, Call call) throws Throwable {
        if (method.equals(holds)) {
            CompletableFuture<Object> answer = new CompletableFuture<>();
            held.add(() -> {
                try {
                    ((CompletionStage<?>) call.make()).thenAccept(answer::complete);
                } catch (Throwable e) {
                    answer.completeExceptionally(e);
                }
            });
            arrived.countDown();
            return answer;
        }
        return method.equals("append") ? append(call) : call.make();
    }

    private Object append(Call call) throws Throwable {
        before.run();
        return switch (trouble) {
            case NONE -> call.make();
            case REFUSED -> CompletableFuture.failedFuture(new StorageUnavailableException("refused"));
            case UNKNOWN_LOST -> CompletableFuture.failedFuture(new OutcomeUnknownException("lost"));
            case UNKNOWN_THERE -> {
                call.make();
                yield CompletableFuture.failedFuture(new OutcomeUnknownException("there"));
            }
        };
    }

    /** What becomes of the appends to come, and what is done just before each. */
    synchronized void meets(Trouble kind, Runnable first) {
        trouble = kind;
        before = first;
    }

    /** Keeps answers of the method with this name until {@link #release}. */
    synchronized void hold(String method) {
        holds = method;
        arrived = new CountDownLatch(1);
    }

    void awaitHeld() throws InterruptedException {
        arrived.await();
    }

    void release() {
        ArrayDeque<Runnable> all;
        synchronized (this) {
            holds = "";
            all = new ArrayDeque<>(held);
            held.clear();
        }
        all.forEach(Runnable::run);
    }
}

package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.XATerminator;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.ExecutionContext;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkContext;
import jakarta.resource.spi.work.WorkListener;
import jakarta.resource.spi.work.WorkManager;
import jakarta.resource.spi.work.WorkRejectedException;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.transaction.xa.XAResource;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidListener;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayStatus;

/** As much of a server as a message-driven bean needs, and the bean, which notes what it is told. */
final class ListeningServer implements BootstrapContext, WorkManager, MessageEndpointFactory, AutoCloseable {
    /** What goes wrong once. */
    enum Failure {
        NO_THREAD,
        NO_ENDPOINT,
        IN_THE_BEAN,
        AT_THE_COMMIT
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private volatile CountDownLatch go = new CountDownLatch(0);
    private volatile int transactionStatus = Status.STATUS_NO_TRANSACTION;

    /** What every thread is told of its transaction from now on. */
    void transactionStatus(int status) {
        transactionStatus = status;
    }

    void failNext(Failure next) {
        failure.set(next);
    }

    private boolean fails(Failure here) {
        return failure.compareAndSet(here, null);
    }

    /** The bean does not return from its next call before the answer is counted down. */
    CountDownLatch block() {
        go = new CountDownLatch(1);
        return go;
    }

    void awaitBlocked() throws InterruptedException {
        blocked.await();
    }

    List<String> told() {
        return List.copyOf(told);
    }

    void awaitTold(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> told.size() >= count);
    }

    int openEndpoints() {
        return open.get();
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource) throws UnavailableException {
        if (fails(Failure.NO_ENDPOINT)) {
            throw new UnavailableException("the application is being deployed");
        }
        open.incrementAndGet();
        return new Bean();
    }

    private final class Bean implements MessageEndpoint, RaidListener {
        private @Nullable Method announced;

        @Override
        public void beforeDelivery(Method method) {
            announced = method;
        }

        @Override
        public void afterDelivery() throws ResourceException {
            announced = null;
            if (fails(Failure.AT_THE_COMMIT)) {
                throw new ResourceException("rolled back");
            }
        }

        @Override
        public void release() {
            open.decrementAndGet();
        }

        @Override
        public void cachesDropped(String array) {
            hear("cachesDropped", "dropped " + array);
        }

        @Override
        public void invalidated(String array, Tid tid, List<Oid> oids) {
            hear("invalidated", "invalidated " + array + " " + tid + " " + oids);
        }

        @Override
        public void stateChanged(ArrayStatus status) {
            hear(
                    "stateChanged",
                    status.name() + " " + status.state() + " "
                            + status.members().stream()
                                    .map(member -> member.name() + " " + member.state())
                                    .collect(Collectors.toList()));
        }

        private void hear(String method, String what) {
            if (announced == null || !announced.getName().equals(method)) {
                throw new AssertionError("told without an announcement: " + what);
            }
            if (fails(Failure.IN_THE_BEAN)) {
                throw new IllegalStateException("the bean does not like " + what);
            }
            told.add(what);
            blocked.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void scheduleWork(Work work) throws WorkRejectedException {
        if (fails(Failure.NO_THREAD)) {
            throw new WorkRejectedException("no thread is left");
        }
        threads.execute(work);
    }

    @Override
    public boolean isDeliveryTransacted(Method method) {
        return true;
    }

    @Override
    public WorkManager getWorkManager() {
        return this;
    }

    @Override
    public void close() {
        go.countDown();
        threads.shutdown();
    }

    @Override
    public MessageEndpoint createEndpoint(XAResource resource, long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getActivationName() {
        return "bean";
    }

    @Override
    public Class<?> getEndpointClass() {
        return Bean.class;
    }

    @Override
    public void doWork(Work work) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void doWork(Work work, long timeout, ExecutionContext context, WorkListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long startWork(Work work) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long startWork(Work work, long timeout, ExecutionContext context, WorkListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void scheduleWork(Work work, long timeout, ExecutionContext context, WorkListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public XATerminator getXATerminator() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Timer createTimer() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isContextSupported(Class<? extends WorkContext> context) {
        return false;
    }

    @Override
    public TransactionSynchronizationRegistry getTransactionSynchronizationRegistry() {
        return (TransactionSynchronizationRegistry) Proxy.newProxyInstance(
                ListeningServer.class.getClassLoader(),
                new Class<?>[] {TransactionSynchronizationRegistry.class},
                (proxy, method, args) -> {
                    if (method.getName().equals("getTransactionStatus")) {
                        return transactionStatus;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}

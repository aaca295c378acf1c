package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkException;
import jakarta.resource.spi.work.WorkManager;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidListener;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.seam.Environment;

/**
 * The way from an array to one kind of message-driven bean. News are told on threads of the server, one after the other; a thread is
 * asked for when there is something to be told, and given back when there is nothing more. What fails is told again after a
 * pause, and the rest waits. Safe for any number of threads.
 */
final class Inflow implements Storage.InvalidationListener {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final Duration LOOK_PAUSE = Duration.ofSeconds(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int END_SECONDS = 5;

    private final ServedArray array;
    private final RaidActivation spec;
    private final MessageEndpointFactory endpoints;
    private final WorkManager works;
    private final Environment environment;
    private final Environment.Worker worker;
    private final News news;
    /** Held while something is told. */
    private final ReentrantLock telling = new ReentrantLock();

    private Storage.@Nullable Subscription subscription;
    private volatile boolean isEnded;
    /** Whether a thread has been asked for, or will be after a pause; guarded by this. */
    private boolean isUnderWay;

    private Duration pause = FIRST_PAUSE;
    private String lastState = "";

    Inflow(
            ServedArray array,
            RaidActivation spec,
            MessageEndpointFactory endpoints,
            WorkManager works,
            Environment environment,
            Environment.Worker worker) {
        this.array = array;
        this.spec = spec;
        this.endpoints = endpoints;
        this.works = works;
        this.environment = environment;
        this.worker = worker;
        this.news = new News(array.name(), spec.getCapacity());
    }

    void start() {
        if (spec.wantsInvalidations()) {
            subscription = array.storage().subscribe(this);
            dropCaches();
        }
        if (spec.wantsStates()) {
            worker.execute(this::look);
        }
    }

    /** Waits for what is being told, unless that takes long. */
    void end() {
        isEnded = true;
        Storage.Subscription subscribed = subscription;
        if (subscribed != null) {
            subscribed.close();
        }
        try {
            if (telling.tryLock(END_SECONDS, TimeUnit.SECONDS)) {
                telling.unlock();
            } else {
                LOG.log(
                        Level.WARNING,
                        "a message-driven bean that listens to {0} is still busy, and not waited for",
                        spec);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
        news.invalidated(tid, List.copyOf(oids));
        wake();
    }

    @Override
    public void dropCaches() {
        news.cachesDropped();
        wake();
    }

    private void look() {
        if (isEnded) {
            return;
        }
        try {
            ArrayStatus status = array.administration().status();
            String state = words(status);
            if (!state.equals(lastState)) {
                lastState = state;
                news.stateChanged(status);
                wake();
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "the state of array " + array.name() + " cannot be told", e);
        }
        environment.schedule(LOOK_PAUSE, () -> worker.execute(this::look));
    }

    private static String words(ArrayStatus status) {
        return status.state()
                + status.members().stream()
                        .map(member -> " " + member.name() + " " + member.state())
                        .collect(Collectors.joining());
    }

    /** Has a thread of the server come, unless one is there or will be; on a thread of our own, for commits wait for this. */
    private void wake() {
        synchronized (this) {
            if (isUnderWay || isEnded || news.next().isEmpty()) {
                return;
            }
            isUnderWay = true;
        }
        worker.execute(this::askForThread);
    }

    private void askForThread() {
        try {
            works.scheduleWork(new Delivery());
        } catch (WorkException | RuntimeException e) {
            again("the server gives no thread", e);
        }
    }

    private void again(String problem, Exception failure) {
        LOG.log(
                pause.equals(FIRST_PAUSE) ? Level.WARNING : Level.DEBUG,
                "array " + array.name() + ": " + problem + " for a message-driven bean that listens to " + spec
                        + "; it is tried again, with pauses of up to a minute",
                failure);
        Duration now = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        environment.schedule(now, () -> worker.execute(this::askForThread));
    }

    /** Tells what there is to be told; throws what a bean, or the server, did not put up with. */
    private void tellAll(Delivery delivery) throws ResourceException, NoSuchMethodException {
        MessageEndpoint endpoint = endpoints.createEndpoint(null);
        try {
            for (Optional<News.Item> item = news.next(); item.isPresent(); item = news.next()) {
                telling.lock();
                try {
                    if (isEnded || delivery.isReleased) {
                        return;
                    }
                    endpoint.beforeDelivery(method(item.get()));
                    try {
                        item.get().tell((RaidListener) endpoint);
                    } finally {
                        endpoint.afterDelivery();
                    }
                } finally {
                    telling.unlock();
                }
                news.told(item.get());
                pause = FIRST_PAUSE;
            }
        } finally {
            endpoint.release();
        }
    }

    private static Method method(News.Item item) throws NoSuchMethodException {
        if (item instanceof News.Item.Invalidated) {
            return RaidListener.class.getMethod("invalidated", String.class, Tid.class, List.class);
        }
        return item instanceof News.Item.State
                ? RaidListener.class.getMethod("stateChanged", ArrayStatus.class)
                : RaidListener.class.getMethod("cachesDropped", String.class);
    }

    private final class Delivery implements Work {
        private volatile boolean isReleased;

        @Override
        public void run() {
            try {
                tellAll(this);
            } catch (ResourceException | NoSuchMethodException | RuntimeException e) {
                if (!isEnded) {
                    again("something could not be told", e);
                }
                return;
            }
            synchronized (Inflow.this) {
                isUnderWay = false;
            }
            wake();
        }

        @Override
        public void release() {
            isReleased = true;
        }
    }
}

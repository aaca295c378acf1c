package org.zeoraid.ejb;

import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Does work in a new container-managed transaction, and again from its start in another one while it meets conflicts, at
 * most {@value #ATTEMPTS} times, with random pauses that grow. A transaction of the caller's is suspended meanwhile.
 *
 * <pre>{@code
 * @EJB ConflictRetry retry;
 * @EJB ObjectStore store;
 *
 * long next = retry.call(() -> {
 *     long value = ByteBuffer.wrap(store.load(counter).data()).getLong() + 1;
 *     store.store(counter, ByteBuffer.allocate(8).putLong(value).array());
 *     return value;
 * });
 * }</pre>
 *
 * <p>The work must not do what cannot be rolled back (send mail, write files): it may run several times. Nothing but a
 * conflict is tried again; above all not an outcome that is unknown, since the work may have been committed.
 */
@Stateless
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class ConflictRetry {

    /** How often work is tried. */
    public static final int ATTEMPTS = 10;

    private final Pause pause;

    @EJB
    NewTransaction transaction;

    public ConflictRetry() {
        this(TimeUnit.NANOSECONDS::sleep);
    }

    ConflictRetry(Pause pause) {
        this.pause = pause;
    }

    /**
     * Does the work.
     *
     * @return what it returned when its transaction committed
     * @throws StoreException the last conflict, or any other error of the storage
     * @throws Exception what the work threw; its transaction has been rolled back
     */
    public <T> T call(Callable<T> work) throws Exception {
        Backoff backoff = new Backoff(ThreadLocalRandom.current());
        for (int attempt = 1; ; attempt++) {
            try {
                return transaction.run(work);
            } catch (StoreException e) {
                if (!e.isConflict() || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            pause.nanos(backoff.after(attempt).toNanos());
        }
    }

    /** A way of waiting. */
    @FunctionalInterface
    interface Pause {
        void nanos(long nanos) throws InterruptedException;
    }
}

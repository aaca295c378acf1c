package org.zeoraid.array;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.TransactionLog;

/** A member's log, and the way to ask of it what may hold up the thread that asks. Safe for any number of threads. */
interface Reach {

    TransactionLog log();

    /** Signs of life by the clock that deadlines go by. */
    LifeSigns signs();

    /**
     * Asks on the member's own worker. The deadline is that of an opening, counted from the last sign of life.
     *
     * @param more what is added to the deadline
     * @param what who is late with what if there is no answer in time, see {@link Timed#within}
     */
    <T> CompletionStage<T> ask(Duration more, LifeSigns signs, Supplier<CompletionStage<T>> question, String what);

    /** Asks with the deadline of an opening. */
    default <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question, String what) {
        return ask(Duration.ZERO, signs(), question, what);
    }

    /**
     * A cursor that is opened, and each step of it asked, like this.
     *
     * @param more what is added to the deadline of each step
     */
    default <T> Cursor<T> walk(Duration more, Supplier<Cursor<T>> opening) {
        return new ReachedCursor<>(this, more, opening);
    }

    /** The next batch of a cursor; fails with a {@link SideFailedException}, where it counts which of two members it was. */
    default <T> CompletionStage<List<T>> nextAsSide(Cursor<T> cursor, long maxBytes) {
        return Timed.recover(cursor.next(maxBytes), failure -> {
            throw new SideFailedException(log(), failure);
        });
    }

    /** Reading one of two logs failed. */
    final class SideFailedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient TransactionLog side;

        SideFailedException(TransactionLog side, Throwable cause) {
            super(Failures.text(cause), cause);
            this.side = side;
        }

        /** What went wrong, without the side. */
        static Throwable cause(Throwable failure) {
            Throwable cause = failure instanceof SideFailedException ? failure.getCause() : null;
            return cause == null ? failure : cause;
        }

        static boolean isOf(TransactionLog log, Throwable failure) {
            return failure instanceof SideFailedException failed && failed.side == log;
        }
    }
}

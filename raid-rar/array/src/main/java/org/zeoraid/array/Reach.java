package org.zeoraid.array;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.TransactionLog;

/** A member's log, and the way to ask of it what may hold up the thread that asks. Safe for any number of threads. */
interface Reach {

    TransactionLog log();

    /**
     * Asks on the member's own worker, with the deadline of an opening.
     *
     * @param what who is late with what if there is no answer in time, see {@link Timed#within}
     */
    <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question, String what);

    /** As {@link #ask}; fails with a {@link SideFailedException}, where it counts which of two members it was. */
    default <T> CompletionStage<T> askAsSide(Supplier<CompletionStage<T>> question, String what) {
        return Timed.recover(ask(question, what), failure -> {
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

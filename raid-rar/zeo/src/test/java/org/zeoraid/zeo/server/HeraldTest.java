package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

class HeraldTest {

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    /** A loop whose turn the test decides. */
    private final Herald herald = new Herald(Intercepted.of(
            EventExecutor.class,
            ImmediateEventExecutor.INSTANCE,
            (method, arguments, call) -> method.equals("execute") ? waiting.add((Runnable) arguments[0]) : call.go()));

    private static final class Listener implements Herald.Audience {
        private final List<Tid> heard = new ArrayList<>();
        private final List<Throwable> failures = new ArrayList<>();
        private @Nullable Error error;

        @Override
        public void committed(Changes changes) {
            if (error != null) {
                throw error;
            }
            heard.add(changes.tid());
        }

        @Override
        public void untold(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void flush() {
            // Nothing is kept back.
        }
    }

    private static Changes changes(long tid) {
        return new Changes(new Tid(tid), List.of(new Oid(1)), null);
    }

    private void run() {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    @Test
    void aLoopWithoutClientsIsNotWoken() {
        herald.tell(changes(1));
        assertThat(waiting).isEmpty();

        Listener listener = new Listener();
        herald.add(listener);
        herald.tell(changes(2));
        assertThat(waiting).isNotEmpty();
        run();

        herald.remove(listener);
        herald.tell(changes(3));
        assertThat(waiting).isEmpty();
        assertThat(listener.heard).containsExactly(new Tid(2));
    }

    /** Also while the storage still tells others, and has not yet called it the last one. */
    @Test
    void whoComesIsToldOfEachTransactionOrThatItWasBefore() {
        herald.tell(changes(1));
        Listener first = new Listener();
        assertThat(herald.add(first)).isEqualTo(new Tid(1));
        herald.tell(changes(2));
        herald.tell(changes(3));

        Listener second = new Listener();
        assertThat(herald.add(second)).isEqualTo(new Tid(3));
        herald.tell(changes(4));
        run();

        assertThat(first.heard).containsExactly(new Tid(2), new Tid(3), new Tid(4));
        assertThat(second.heard).containsExactly(new Tid(4));
    }

    @Test
    void whoCannotBeToldDoesNotKeepOthersFromIt() {
        Listener failing = new Listener();
        Listener other = new Listener();
        herald.add(failing);
        herald.add(other);
        failing.error = new OutOfMemoryError("on purpose");

        herald.tell(changes(1));
        herald.tell(changes(2));
        run();

        assertThat(other.heard).containsExactly(new Tid(1), new Tid(2));
        assertThat(failing.failures).containsOnly(failing.error);
    }
}

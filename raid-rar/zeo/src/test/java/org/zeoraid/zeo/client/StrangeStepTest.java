package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.await;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** A server that answers the step to a transaction with something else. */
@Timeout(60)
class StrangeStepTest {

    private static final Tid THERE = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));

    @Test
    void recordsAreNotTakenForATransactionThatTheServerDidNotStepTo() throws Exception {
        PythonServer server = new PythonServer();
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer scripted = new ScriptedServer('M', server::answer);
                TransactionLog log =
                        await(new ZeoMember(ZeoOptions.of("a", "1", scripted.address()), environment).open());
                Cursor<CommittedTransaction> transactions = log.transactions(THERE, Tid.MAX)) {
            assertThatThrownBy(() -> await(transactions.next(1))).isInstanceOf(ProtocolException.class);
        }
    }

    /** Its iterators list a transaction; the second one, which is to step to it, gives what cannot be read. */
    private static final class PythonServer {

        private final Set<Object> listed = new HashSet<>();
        private long iterators;

        Object answer(Message request) {
            List<?> arguments = Values.list(request.arguments());
            return switch (request.method()) {
                case "register", "lastTransaction" -> Ids.bytes(THERE);
                case "iterator_start" -> ++iterators;
                case "iterator_next" -> next(arguments.get(0));
                case "iterator_record_start" -> 99L;
                default -> null;
            };
        }

        private Object next(Object iterator) {
            if (iterator.equals(2L)) {
                return 7L;
            }
            return listed.add(iterator) ? Tuple.of(Ids.bytes(THERE), "p", new byte[0], new byte[0], Map.of()) : null;
        }
    }
}

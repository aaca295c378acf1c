package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/**
 * A Python server that was killed within a commit: once started again it has cut that transaction off, and tells its tid
 * as the last one all the same.
 */
class CutOffTransactionTest {

    private static final Tid THERE = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));
    private static final Tid CUT_OFF = Tid.at(Instant.parse("2021-01-01T01:01:02Z"));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isNotTakenForTheLastOne(boolean allIsPacked) throws Exception {
        PythonServer server = new PythonServer(allIsPacked);
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer scripted = new ScriptedServer('M', server::answer);
                TransactionLog log =
                        await(new ZeoMember(ZeoOptions.of("a", "1", scripted.address()), environment).open())) {
            assertThat(await(log.lastTid())).isEqualTo(THERE);
        }
    }

    /** Has one transaction, and tells of another as its last. */
    private static final class PythonServer {

        private final boolean allIsPacked;
        private boolean fromTheStart;
        private boolean told;

        PythonServer(boolean allIsPacked) {
            this.allIsPacked = allIsPacked;
        }

        Object answer(Message request) {
            List<?> arguments = Values.list(request.arguments());
            return switch (request.method()) {
                case "register", "lastTransaction" -> Ids.bytes(CUT_OFF);
                case "undoLog" -> allIsPacked ? List.of() : List.of(entry());
                case "iterator_start" -> {
                    fromTheStart = !Values.tid(arguments.get(0)).equals(CUT_OFF);
                    told = false;
                    yield 1L;
                }
                case "iterator_next" -> {
                    boolean first = fromTheStart && !told;
                    told = true;
                    yield first ? Tuple.of(Ids.bytes(THERE), "p", new byte[0], new byte[0], Map.of()) : null;
                }
                default -> null;
            };
        }

        private static Map<String, Object> entry() {
            byte[] id = Base64.getEncoder().encode(Ids.bytes(THERE));
            return Map.of("id", id, "user_name", new byte[0], "description", new byte[0], "size", 100L, "time", 1.0);
        }
    }
}

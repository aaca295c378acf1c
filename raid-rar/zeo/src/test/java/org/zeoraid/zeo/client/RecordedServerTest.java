package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.transcript.Transcript;

/** The recorded answers of a Python server, given to this client once more. */
class RecordedServerTest {

    private record Exchange(Message request, Message reply) {}

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z"})
    void everyRecordedAnswerToAReadIsUnderstood(String name, char encoding) throws Exception {
        List<Exchange> exchanges = exchanges(name, encoding);
        int loads = 0;
        int others = 0;
        for (Exchange exchange : exchanges) {
            List<?> arguments = Values.list(exchange.request().arguments());
            Object value = exchange.reply().arguments();
            boolean failed = exchange.reply().flag() == 2;
            switch (exchange.request().method()) {
                case "loadBefore" -> {
                    Oid oid = Values.oid(arguments.get(0));
                    Tid before = Values.tid(arguments.get(1));
                    Object found = asked(encoding, exchange, log -> log.loadBefore(oid, before));
                    if (failed) {
                        assertThat(found).isInstanceOf(ObjectNotFoundException.class);
                    } else if (value == null) {
                        assertThat(found).isEqualTo(java.util.Optional.empty());
                    } else {
                        assertThat(found.toString())
                                .contains(Values.data(Values.list(value).get(0)).length + " bytes")
                                .contains(Values.tid(Values.list(value).get(1)).toString());
                    }
                    loads++;
                }
                case "loadSerial" -> {
                    Oid oid = Values.oid(arguments.get(0));
                    Tid serial = Values.tid(arguments.get(1));
                    Object found = asked(encoding, exchange, log -> log.loadSerial(oid, serial));
                    assertThat(found).isInstanceOf(failed ? ObjectNotFoundException.class : byte[].class);
                    others++;
                }
                case "history" -> {
                    Oid oid = Values.oid(arguments.get(0));
                    Object found = asked(encoding, exchange, log -> log.history(oid, 10));
                    if (!failed) {
                        assertThat((List<?>) found).hasSameSizeAs(Values.list(value));
                    }
                    others++;
                }
                case "undoLog" -> {
                    Object found = asked(encoding, exchange, log -> log.undoLog(0, 20));
                    assertThat((List<?>) found).hasSameSizeAs(Values.list(value));
                    others++;
                }
                case "iterator_next" -> {
                    if (!failed && value != null) {
                        TransactionHeader header = HeaderCursor.header(value);
                        assertThat(header.tid())
                                .isEqualTo(Values.tid(Values.list(value).get(0)));
                        others++;
                    }
                }
                default -> {
                    // Not asked by a member, or with its own test.
                }
            }
        }
        assertThat(loads).isGreaterThan(5);
        assertThat(others).isGreaterThan(5);
    }

    /** What the client is told when the recorded server answers the same request as it did then. */
    private static Object asked(
            char encoding, Exchange exchange, java.util.function.Function<TransactionLog, CompletionStage<?>> question)
            throws Exception {
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer server = new ScriptedServer(
                        encoding,
                        request -> request.method().equals(exchange.request().method())
                                ? exchange.reply()
                                : usual(request, new byte[8]));
                TransactionLog log =
                        Steps.await(new ZeoMember(ZeoOptions.of("a", "1", server.address()), environment).open())) {
            return question.apply(log).toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(StorageException.class);
            return e.getCause();
        }
    }

    private static Object usual(Message request, byte[] tid) {
        return switch (request.method()) {
            case "register", "getTid", "lastTransaction" -> new byte[8];
            case "vote" -> List.of();
            case "tpc_finish" -> tid;
            default -> null;
        };
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z"})
    void whatIsSentHasTheShapeOfWhatPythonsClientSends(String name, char encoding) throws Exception {
        Map<String, List<?>> recorded = new HashMap<>();
        for (Transcript line : Transcript.read(name)) {
            if (!line.fromServer() && line.isMessage(encoding)) {
                Message message = Codec.byLetter(encoding).decode(line.bytes());
                recorded.putIfAbsent(shape(message), Values.list(message.arguments()));
            }
        }
        Tid tid =
                new Tid(Tid.at(java.time.Instant.parse("2021-01-01T01:01:01Z")).value());
        ConcurrentLinkedQueue<Message> sent = new ConcurrentLinkedQueue<>();
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer server = new ScriptedServer(encoding, request -> {
                    sent.add(request);
                    return usual(request, Ids.bytes(tid));
                });
                TransactionLog log =
                        Steps.await(new ZeoMember(ZeoOptions.of("a", "1", server.address()), environment).open())) {
            Steps.await(log.append(Tid.NONE, transaction(tid)));
            Steps.await(log.lastTid());
        }

        List<String> methods = new ArrayList<>();
        for (Message message : sent) {
            if (!message.method().equals("ping") && !message.method().equals("set_client_label")) {
                methods.add(message.method());
                assertThat(recorded).containsKey(shape(message));
            }
        }
        assertThat(methods)
                .containsSubsequence(
                        "register",
                        "tpc_begin",
                        "restorea",
                        "storeBlobStart",
                        "storeBlobChunk",
                        "storeBlobEnd",
                        "vote",
                        "tpc_finish");
    }

    /** The method, whether it wants a reply, and how many arguments there are. */
    private static String shape(Message message) {
        return message.method()
                + (message.isOneWay() ? " one-way " : " ")
                + Values.list(message.arguments()).size();
    }

    private static CommittedTransaction transaction(Tid tid) {
        TransactionHeader header =
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.of("tester", "a change"), 0);
        return CommittedTransaction.of(
                header,
                List.of(
                        new DataRecord(new Oid(1), new Content.Data(new byte[] {1})),
                        new DataRecord(
                                new Oid(2),
                                new Content.Data(Steps.blobRecord()),
                                java.util.Optional.of(Steps.blob(new byte[10])))));
    }

    private static List<Exchange> exchanges(String name, char encoding) {
        Codec codec = Codec.byLetter(encoding);
        Map<String, Message> open = new HashMap<>();
        List<Exchange> found = new ArrayList<>();
        for (Transcript line : Transcript.read(name)) {
            if (line.isMessage(encoding)) {
                Message message = codec.decode(line.bytes());
                String key = line.connection() + " " + shown(message.id());
                if (line.fromServer() && message.isReply()) {
                    Message request = open.remove(key);
                    if (request != null) {
                        found.add(new Exchange(request, message));
                    }
                } else if (!line.fromServer() && !message.isOneWay()) {
                    open.put(key, message);
                }
            }
        }
        return found;
    }

    private static String shown(Object id) {
        return id instanceof List<?> pair
                ? pair.stream()
                        .map(part -> part instanceof byte[] bytes
                                ? java.util.HexFormat.of().formatHex(bytes)
                                : String.valueOf(part))
                        .toList()
                        .toString()
                : String.valueOf(id);
    }
}

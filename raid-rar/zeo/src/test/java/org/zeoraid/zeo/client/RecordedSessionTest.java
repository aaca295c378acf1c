package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.failure;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.UndoException;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.client.Recording.Exchange;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** A member of a server that says, byte for byte and in this order, what a Python server said when it was recorded. */
class RecordedSessionTest {

    private static final Tid NEW = Tid.MAX.before();

    /** The methods that were asked for. */
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    /** What a test does with a member. */
    private interface Session {
        void run(TransactionLog log) throws Exception;
    }

    private void session(char encoding, Function<Message, Object> answers, Session session) throws Exception {
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer server = new ScriptedServer(encoding, request -> {
                    asked.add(request.method());
                    return answers.apply(request);
                });
                TransactionLog log =
                        await(new ZeoMember(ZeoOptions.of("a", "1", server.address()), environment).open())) {
            session.run(log);
        }
    }

    private static Object usual(Message request) {
        return switch (request.method()) {
            case "register", "lastTransaction", "getTid" -> Ids.bytes(Tid.NONE);
            default -> null;
        };
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z"})
    void everyTransactionIsIteratedWithItsRecords(String name, char encoding) throws Exception {
        Iterating server = new Iterating(new Recording(name, encoding));
        session(encoding, server::answer, log -> {
            List<CommittedTransaction> found = Steps.transactions(log);

            assertThat(found).hasSizeGreaterThan(8);
            assertThat(found).extracting(CommittedTransaction::tid).isEqualTo(server.tids());
            for (CommittedTransaction transaction : found) {
                List<?> row = server.row(transaction.tid());
                assertThat(String.valueOf(transaction.header().status().letter()))
                        .isEqualTo(text(row.get(1)));
                assertThat(transaction.header().meta().user()).isEqualTo(Values.data(row.get(2)));
                assertThat(transaction.header().meta().description()).isEqualTo(Values.data(row.get(3)));
                assertThat(Values.extension(transaction.header().meta())).isEqualTo(row.get(4));
                assertThat(Steps.records(transaction)).isEqualTo(server.records(transaction.tid()));
            }
            assertThat(found.stream().flatMap(one -> Steps.records(one).stream()))
                    .anyMatch(entry -> entry.content() instanceof Content.Link);
            Tid from = found.get(2).tid();
            Tid to = found.get(5).tid();
            assertThat(Steps.all(log.headers(from, to), 1000))
                    .extracting(TransactionHeader::tid)
                    .isEqualTo(server.tids().subList(2, 6));
        });
    }

    private static String text(Object value) {
        return Steps.text(Values.data(value));
    }

    /** Its iterators give what was recorded of a walk over everything. */
    private static final class Iterating {

        private final Recording recording;
        private final List<Exchange> steps = new ArrayList<>();
        private final Map<Tid, List<Exchange>> records = new HashMap<>();
        private final Exchange end;
        private final Map<Long, Iterator<Exchange>> open = new HashMap<>();
        private long numbers;

        Iterating(Recording recording) {
            this.recording = recording;
            Exchange last = null;
            Tid at = Tid.NONE;
            for (Exchange exchange : recording.scenario("iterate all transactions")) {
                switch (exchange.method()) {
                    case "iterator_next" -> {
                        if (exchange.value() == null) {
                            last = exchange;
                        } else {
                            steps.add(exchange);
                            at = tid(exchange);
                        }
                    }
                    case "iterator_record_next" ->
                        records.computeIfAbsent(at, tid -> new ArrayList<>()).add(exchange);
                    default -> assertThat(exchange.method()).startsWith("iterator_");
                }
            }
            end = last;
        }

        private static Tid tid(Exchange exchange) {
            return Values.tid(Values.list(exchange.value()).get(0));
        }

        List<Tid> tids() {
            return steps.stream().map(Iterating::tid).toList();
        }

        List<?> row(Tid tid) {
            return Values.list(steps.get(tids().indexOf(tid)).value());
        }

        List<DataRecord> records(Tid tid) {
            return records.get(tid).stream()
                    .filter(exchange -> exchange.value() != null)
                    .map(exchange -> {
                        List<?> row = Values.list(exchange.value());
                        byte[] data = (byte[]) row.get(2);
                        Content content = data == null
                                ? Content.ABSENT
                                : row.get(3) == null
                                        ? new Content.Data(data)
                                        : new Content.Link(Values.tid(row.get(3)), data);
                        return new DataRecord(Values.oid(row.get(0)), content);
                    })
                    .toList();
        }

        Object answer(Message request) {
            List<?> arguments = Values.list(request.arguments());
            return switch (request.method()) {
                case "register", "lastTransaction" -> Ids.bytes(tids().get(steps.size() - 1));
                case "iterator_start" -> {
                    Tid from = Values.tid(arguments.get(0));
                    Tid to = Values.tid(arguments.get(1));
                    yield opened(steps.stream()
                            .filter(step ->
                                    !from.isAfter(tid(step)) && !tid(step).isAfter(to))
                            .iterator());
                }
                case "iterator_record_start" ->
                    opened(records.get(Values.tid(arguments.get(1))).iterator());
                case "iterator_next", "iterator_record_next" -> {
                    Iterator<Exchange> iterator = open.get((Long) arguments.get(0));
                    yield recording.to(request, iterator.hasNext() ? iterator.next() : end);
                }
                default -> null;
            };
        }

        private long opened(Iterator<Exchange> iterator) {
            open.put(++numbers, iterator);
            return numbers;
        }
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z"})
    void aBlobArrivesInItsPiecesAndAMissingOneIsMissing(String name, char encoding) throws Exception {
        Recording recording = new Recording(name, encoding);
        List<Exchange> sent = recording.all("sendBlob");
        Codec codec = Codec.byLetter(encoding);
        int blobs = 0;
        int missing = 0;
        for (Exchange exchange : sent) {
            Oid oid = Values.oid(exchange.arguments().get(0));
            Tid serial = Values.tid(exchange.arguments().get(1));
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (byte[] message : exchange.between()) {
                Message call = codec.decode(message);
                if (call.method().equals("receiveBlobChunk")) {
                    whole.writeBytes(Values.data(Values.list(call.arguments()).get(2)));
                }
            }
            Function<Message, Object> answers =
                    request -> request.method().equals("sendBlob") ? recording.to(request, exchange) : usual(request);
            if (exchange.isError()) {
                session(encoding, answers, log -> failure(ObjectNotFoundException.class, log.blob(oid, serial)));
                missing++;
            } else {
                session(encoding, answers, log -> assertThat(Steps.content(await(log.blob(oid, serial))))
                        .hasSizeGreaterThan(100_000)
                        .isEqualTo(whole.toByteArray()));
                blobs++;
            }
        }
        assertThat(blobs).isPositive();
        assertThat(missing).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z"})
    void sizesAndCurrentRecordsAreRead(String name, char encoding) throws Exception {
        Recording recording = new Recording(name, encoding);
        Exchange info = recording.all("get_info").get(0);
        Exchange fresh = recording.all("new_oids").get(0);
        List<Exchange> current = recording.all("record_iternext");
        session(
                encoding,
                request -> switch (request.method()) {
                    case "get_info" -> recording.to(request, info);
                    case "new_oids" -> recording.to(request, fresh);
                    case "record_iternext" -> {
                        Oid from = Values.oid(Values.list(request.arguments()).get(0));
                        yield recording.to(
                                request,
                                current.stream()
                                        .filter(one -> one.arguments().get(0) == null
                                                ? from.equals(Oid.ROOT)
                                                : Values.oid(one.arguments().get(0))
                                                        .equals(from))
                                        .findFirst()
                                        .orElseThrow());
                    }
                    default -> usual(request);
                },
                log -> {
                    Map<?, ?> said = Values.map(info.value());
                    long next = Values.oid(Values.list(fresh.value()).get(0)).value();
                    var stats = await(log.stats());
                    assertThat(stats.objects()).isEqualTo(said.get("length"));
                    assertThat(stats.bytes()).isEqualTo(said.get("size"));
                    assertThat(stats.largestOid().value()).isEqualTo(next - 1);
                    assertThat(Steps.all(log.currentRecords(Oid.ROOT), 1000))
                            .extracting(CurrentRecord::serial)
                            .isEqualTo(current.stream()
                                    .map(one ->
                                            Values.tid(Values.list(one.value()).get(1)))
                                    .toList());
                });
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z", "transcript-conflict-resolution.jsonl, M"})
    void everyRecordedCommitIsACommitWhateverIsToldBeforeItsAnswer(String name, char encoding) throws Exception {
        Recording recording = new Recording(name, encoding);
        Exchange vote = recording.all("vote").stream()
                .filter(one -> !one.isError() && Values.list(one.value()).isEmpty())
                .findFirst()
                .orElseThrow();
        List<Exchange> commits = recording.all("tpc_finish");
        assertThat(commits).hasSizeGreaterThan(2);
        for (Exchange finish : commits) {
            session(
                    encoding,
                    request -> switch (request.method()) {
                        case "vote" -> recording.to(request, vote);
                        case "tpc_finish" -> recording.to(request, finish);
                        default -> usual(request);
                    },
                    log -> await(log.append(Tid.NONE, transaction(Values.tid(finish.value())))));
        }
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M, 3", "transcript-pickle.jsonl, Z, 3"})
    void everyRecordedRefusalOfAVoteIsOne(String name, char encoding, int least) throws Exception {
        Recording recording = new Recording(name, encoding);
        List<Exchange> refusals =
                recording.all("vote").stream().filter(Exchange::isError).toList();
        assertThat(refusals).hasSizeGreaterThanOrEqualTo(least);
        for (Exchange refusal : refusals) {
            String error = String.valueOf(Values.list(refusal.value()).get(0));
            Class<? extends StorageException> kind = error.endsWith("ConflictError")
                    ? ConflictException.class
                    : error.contains("Undo") ? UndoException.class : StorageUnavailableException.class;
            session(
                    encoding,
                    // What is sent ahead behind a vote that failed is answered with None.
                    request -> request.method().equals("vote") ? recording.to(request, refusal) : usual(request),
                    log -> failure(kind, log.append(Tid.NONE, transaction(NEW))));
        }
    }

    @ParameterizedTest
    @CsvSource({"transcript-conflict-resolution.jsonl, M"})
    void aVoteThatLeavesTheConflictToTheClientIsGivenUp(String name, char encoding) throws Exception {
        Recording recording = new Recording(name, encoding);
        Exchange conflict = recording.all("vote").stream()
                .filter(one -> !Values.list(one.value()).isEmpty())
                .findFirst()
                .orElseThrow();
        session(
                encoding,
                request -> switch (request.method()) {
                    case "vote" -> recording.to(request, conflict);
                    case "tpc_finish" ->
                        Message.error(null, "builtins.AssertionError", List.of("finished called wo lock"));
                    default -> usual(request);
                },
                log -> {
                    failure(ConflictException.class, log.append(Tid.NONE, transaction(NEW)));
                    await(log.lastTid());
                });
        assertThat(asked).containsSubsequence("tpc_begin", "restorea", "vote", "tpc_finish", "tpc_abort");
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl, M", "transcript-pickle.jsonl, Z"})
    void aPackEndsWithItsAnswerAndNotWithTheNewsBefore(String name, char encoding) throws Exception {
        Recording recording = new Recording(name, encoding);
        Exchange pack = recording.all("pack").get(0);
        Exchange info = recording.all("get_info").get(0);
        assertThat(pack.between()).isNotEmpty();
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer server = new ScriptedServer(encoding, request -> switch (request.method()) {
                    case "pack" -> recording.to(request, pack);
                    case "get_info" -> recording.to(request, info);
                    default -> usual(request);
                });
                TransactionLog log = await(new ZeoMember(
                                ZeoOptions.of("a", "1", server.address())
                                        .withPackGarbage(ZeoOptions.PackGarbage.COLLECT),
                                environment)
                        .open())) {
            var result = await(log.pack(new PackRequest(NEW, PackRequest.Garbage.COLLECT)));

            assertThat(result.bytesAfter()).isEqualTo(Values.map(info.value()).get("size"));
        }
    }

    private static CommittedTransaction transaction(Tid tid) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.of("tester", "a change"), 0),
                List.of(new DataRecord(new Oid(1), new Content.Data(new byte[] {1}), Optional.empty())));
    }
}

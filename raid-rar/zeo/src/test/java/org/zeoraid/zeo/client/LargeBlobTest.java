package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** A blob that is larger than what may be held of it. */
class LargeBlobTest {

    private static final long SIZE = 150L << 20;
    private static final long MOST_AHEAD = 24L << 20;

    private final AtomicLong read = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();
    private final AtomicLong mostAhead = new AtomicLong();

    @Test
    void aBlobIsReadOnlyAsFastAsTheServerTakesIt() throws Exception {
        Tid tid = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer server = new ScriptedServer('M', request -> answer(request, tid));
                TransactionLog log =
                        await(new ZeoMember(ZeoOptions.of("a", "1", server.address()), environment).open())) {
            await(log.append(
                    Tid.NONE,
                    CommittedTransaction.of(
                            new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                            List.of(new DataRecord(
                                    oid(1), new Content.Data(Steps.blobRecord()), Optional.of(new Endless()))))));
        }

        assertThat(arrived).hasValue(SIZE);
        assertThat(mostAhead.get()).isLessThan(MOST_AHEAD);
    }

    private Object answer(Message request, Tid tid) {
        return switch (request.method()) {
            case "register", "getTid", "lastTransaction" -> new byte[8];
            case "vote" -> List.of();
            case "tpc_finish" -> Ids.bytes(tid);
            case "storeBlobChunk" -> {
                long now = arrived.addAndGet(
                        Values.data(Values.list(request.arguments()).get(0)).length);
                mostAhead.accumulateAndGet(read.get() - now, Math::max);
                yield null;
            }
            default -> null;
        };
    }

    /** Zeros, made as they are read. */
    private final class Endless implements BlobSource {

        @Override
        public long size() {
            return SIZE;
        }

        @Override
        public InputStream open() {
            return new InputStream() {
                private long left = SIZE;

                @Override
                public int read() {
                    throw new AssertionError("blobs are read in pieces");
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    int count = (int) Math.min(left, length);
                    left -= count;
                    read.addAndGet(count);
                    return count == 0 ? -1 : count;
                }
            };
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }
}

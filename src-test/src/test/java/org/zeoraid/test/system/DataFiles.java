package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.SystemEnvironment;

/** The files of members, blobs included, while no server has them open. */
final class DataFiles {

    private static final long BATCH = 1 << 20;

    private DataFiles() {}

    /** Every transaction of a file with all that it says, a line each: {@code tid user description extension records}. */
    static List<String> lines(Path file) {
        try (SystemEnvironment environment = new SystemEnvironment();
                TransactionLog log = open(file, environment)) {
            VerifyResult sound = now(log.verify(progress -> {}));
            assertThat(sound.damages()).as(file.toString()).isEmpty();
            List<String> lines = new ArrayList<>();
            try (Cursor<CommittedTransaction> cursor = log.transactions(Tid.NONE, Tid.MAX)) {
                for (List<CommittedTransaction> batch = now(cursor.next(BATCH));
                        !batch.isEmpty();
                        batch = now(cursor.next(BATCH))) {
                    batch.forEach(transaction -> lines.add(line(transaction)));
                }
            }
            return lines;
        }
    }

    private static TransactionLog open(Path file, SystemEnvironment environment) {
        FileOptions options = FileOptions.of("check", file).withBlobFolder(file.resolveSibling("blobs"));
        return now(new FileMember(options, environment).open());
    }

    private static String line(CommittedTransaction transaction) {
        TransactionMeta meta = transaction.header().meta();
        StringBuilder line = new StringBuilder(transaction.tid().toString())
                .append(' ')
                .append(meta.userText())
                .append('|')
                .append(meta.descriptionText())
                .append('|')
                .append(HexFormat.of().formatHex(meta.extension()));
        for (DataRecord entry : transaction.records()) {
            line.append(' ').append(record(entry));
        }
        return line.toString();
    }

    /** {@code oid:sha256:origin}, as the expectations of the fixtures are written too; of a blob's record more. */
    private static String record(DataRecord entry) {
        Optional<String> origin = entry.content() instanceof Content.Link link
                ? Optional.of(link.origin().toString())
                : Optional.empty();
        return entry.oid() + ":" + entry.data().map(DataFiles::sha256).orElse("null") + ":" + origin.orElse("null")
                + entry.blob().map(blob -> ":blob:" + sha256(bytes(blob))).orElse("");
    }

    private static byte[] bytes(BlobSource blob) {
        try (InputStream in = blob.open()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] data) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }
}

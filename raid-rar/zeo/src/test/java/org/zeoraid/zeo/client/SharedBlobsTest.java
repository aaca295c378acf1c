package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.server.ServerOptions;

/** A member that sees its server's blob folder. */
class SharedBlobsTest {

    private static final Tid TID = Tid.parse("040d34466cf58daa");

    @TempDir
    Path folder;

    /** As ZODB's oid_repr and layouts name them: whole bytes, also where the first digit is a zero. */
    @ParameterizedTest
    @CsvSource({
        "lawn, 1, 0x01",
        "lawn, 0, 0x00",
        "lawn, 1f2, 0x01f2",
        "lawn, 1234, 0x1234",
        "lawn, 12345, 0x012345",
        "bushy, 1f2, 0x00/0x00/0x00/0x00/0x00/0x00/0x01/0xf2",
    })
    void aBlobIsFoundWhereZodbPutsIt(String layout, String oid, String place) throws IOException {
        Files.writeString(folder.resolve(".layout"), layout + "\n");
        Path file = folder.resolve(place).resolve("0x" + TID + ".blob");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "in a file");

        BlobSource found =
                await(new SharedBlobs(folder).fetch(new Oid(Long.parseLong(oid, 16)), TID, SharedBlobsTest::nobody));

        assertThat(content(found)).isEqualTo(bytes("in a file"));
    }

    private static CompletableFuture<?> nobody() {
        throw new AssertionError("the server is not asked");
    }

    @Test
    void aFolderThatIsNotTheServersIsToldFromAMissingBlob() throws IOException {
        SharedBlobs blobs = new SharedBlobs(folder);
        failure(StorageUnavailableException.class, blobs.fetch(new Oid(1), TID, SharedBlobsTest::nobody));

        Files.writeString(folder.resolve(".layout"), "something else");
        failure(StorageUnavailableException.class, blobs.fetch(new Oid(1), TID, SharedBlobsTest::nobody));

        Files.writeString(folder.resolve(".layout"), "bushy");
        failure(ObjectNotFoundException.class, blobs.fetch(new Oid(1), TID, SharedBlobsTest::nobody));
    }

    @Test
    void aServerOfOurOwnTakesAndGivesBlobsInTheFolder() throws IOException {
        SystemEnvironment environment = new SystemEnvironment("client");
        ServerOptions options = ServerOptions.defaults(folder.resolve("spool"));
        ServedMember served = new ServedMember(MemoryMember.named("below"), folder.resolve("spool"), options, folder);
        ZeoOptions shared =
                ZeoOptions.of("a", ServedMember.NAME, served.address()).withBlobs(new ZeoOptions.Blobs.Shared(folder));
        try (TransactionLog log = await(new ZeoMember(shared, environment).open())) {
            await(log.append(Tid.NONE, withBlob(Steps.blob(bytes("shared")))));

            assertThat(text(content(await(log.blob(new Oid(0x1f2), TID))))).isEqualTo("shared");
            assertThat(text(content(Steps.entry(log, TID, new Oid(0x1f2)).blob().orElseThrow())))
                    .isEqualTo("shared");
            Awaitility.await().untilAsserted(() -> assertThat(temporaries())
                    .as("the server, having answered, lets go of what it has taken")
                    .isEmpty());
        } finally {
            served.close();
            environment.close();
        }
    }

    @Test
    void aTransactionThatTheServerRefusesLeavesNothingBehind() throws Exception {
        Files.writeString(folder.resolve(".layout"), "lawn");
        ZeoOptions.Blobs shared = new ZeoOptions.Blobs.Shared(folder);
        try (SystemEnvironment environment = new SystemEnvironment("client");
                ScriptedServer server = new ScriptedServer('M', this::refusing);
                TransactionLog log = await(
                        new ZeoMember(ZeoOptions.of("a", "1", server.address()).withBlobs(shared), environment)
                                .open())) {
            failure(StorageException.class, log.append(Tid.NONE, withBlob(Steps.blob(bytes("in vain")))));

            assertThat(temporaries()).isEmpty();
        }
    }

    private Object refusing(Message request) {
        return switch (request.method()) {
            case "register", "lastTransaction", "getTid" -> Ids.bytes(Tid.NONE);
            case "vote" -> {
                assertThat(temporariesUnchecked()).hasSize(1);
                yield Message.error(null, "ZODB.POSException.StorageError", List.of("no"));
            }
            default -> null;
        };
    }

    private List<Path> temporariesUnchecked() {
        try {
            return temporaries();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<Path> temporaries() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(file -> file.toString().contains(".tmp")).toList();
        }
    }

    private static CommittedTransaction withBlob(BlobSource blob) {
        return CommittedTransaction.of(
                new TransactionHeader(TID, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(new DataRecord(new Oid(0x1f2), new Content.Data(Steps.blobRecord()), Optional.of(blob))));
    }
}

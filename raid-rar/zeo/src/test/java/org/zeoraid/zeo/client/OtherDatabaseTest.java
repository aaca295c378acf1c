package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.server.ServerOptions;

/** A member whose server, when it is back, is not what it was. */
class OtherDatabaseTest {

    private static final Tid FIRST = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment("client");
    private final MemoryMember other = MemoryMember.named("other");
    private ServedMember served;
    private ServedMember another;
    private Wire wire;
    private ZeoMember member;

    @BeforeEach
    void begin() throws Exception {
        ServerOptions options = ServerOptions.defaults(folder);
        served = new ServedMember(
                Map.of(ServedMember.NAME, MemoryMember.named("below"), "2", MemoryMember.named("second")),
                folder,
                options);
        another = new ServedMember(other, folder, options);
        wire = new Wire(served.address(), 4096);
        member = new ZeoMember(ZeoOptions.of("a", ServedMember.NAME, wire.address()), environment);
        try (TransactionLog log = await(member.open())) {
            await(log.append(Tid.NONE, transaction(FIRST)));
            await(log.append(FIRST, transaction(FIRST.after())));
        }
    }

    @AfterEach
    void end() throws Exception {
        wire.close();
        served.close();
        another.close();
        environment.close();
    }

    @Test
    void aServerThatWasAwayIsOpenedAgain() {
        try (TransactionLog log = await(member.open())) {
            assertThat(await(log.lastTid())).isEqualTo(FIRST.after());
        }
    }

    @Test
    void aServerThatHasLessThanItHadGoesOnFromThere() {
        await(another.storage().append(Tid.NONE, List.of(transaction(FIRST))));
        wire.redirect(another.address());

        try (TransactionLog log = await(member.open())) {
            assertThat(await(log.lastTid())).isEqualTo(FIRST);
            await(log.append(FIRST, transaction(FIRST.after())));
        }
    }

    @Test
    void aServerThatWasEmptiedIsABeginning() {
        wire.redirect(another.address());
        try (TransactionLog log = await(member.open())) {
            assertThat(await(log.lastTid())).isEqualTo(Tid.NONE);
            await(log.append(Tid.NONE, transaction(FIRST)));
        }

        try (TransactionLog log = await(member.open())) {
            assertThat(await(log.lastTid())).as("half of what it had").isEqualTo(FIRST);
        }
    }

    @Test
    void aServerWithLaterTransactionsThatLacksTheOneSeenIsRefused() {
        await(another.storage()
                .append(
                        Tid.NONE,
                        List.of(transaction(FIRST), transaction(FIRST.after().after()))));
        wire.redirect(another.address());

        assertThat(failure(CorruptedException.class, member.open())).hasMessageContaining("another database");
    }

    @Test
    void aServerThatForgotTheTransactionInAPackIsOpened() {
        List<CommittedTransaction> all = List.of(
                transaction(FIRST),
                transaction(FIRST.after()),
                transaction(FIRST.after().after()));
        await(another.storage().append(Tid.NONE, all));
        await(another.storage().pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
        wire.redirect(another.address());

        try (TransactionLog log = await(member.open())) {
            assertThat(await(log.lastTid())).isEqualTo(FIRST.after().after());
        }
    }

    @Test
    void twoMembersThatAreOneStorageSaySo() {
        ZeoMember same = new ZeoMember(ZeoOptions.of("b", ServedMember.NAME, served.address()), environment);
        ZeoMember second = new ZeoMember(ZeoOptions.of("c", "2", served.address()), environment);
        ZeoMember plain =
                new ZeoMember(ZeoOptions.of("d", ServedMember.NAME, served.address()), environment, "somebody");

        try (TransactionLog one = await(member.open());
                TransactionLog two = await(same.open());
                TransactionLog three = await(second.open());
                TransactionLog four = await(plain.open())) {
            assertThat(one.identity()).isPresent().isEqualTo(two.identity());
            assertThat(three.identity()).isPresent().isNotEqualTo(one.identity());
            assertThat(four.identity()).isPresent().isNotEqualTo(three.identity());
        }
    }

    private static CommittedTransaction transaction(Tid tid) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(new DataRecord(oid(1), new Content.Data(new byte[] {1}))));
    }
}

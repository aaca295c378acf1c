package org.zeoraid.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.oid;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.FaultDisk;

/** What the journal knows after a restart. */
class PreparedJournalTest extends JournalRig {

    @Test
    void nothingIsWrittenBeforeThereIsSomething() {
        await(open().close());
        assertThat(disk.steps()).isZero();
    }

    @Test
    void aPreparedBranchIsThereAfterThePowerFailed() {
        PreparedJournal journal = open();
        DataRecord link = new DataRecord(oid(2), new Content.Link(new Tid(3), bytes("before")));
        DataRecord gone = new DataRecord(oid(3), Content.ABSENT);
        prepare(journal, "one", data(1, "new"), link, gone);
        PreparedJournal.Branch before = journal.inDoubt().get(0);

        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);

        assertThat(after.inDoubt().get(0))
                .usingRecursiveComparison()
                .ignoringFields("since")
                .isEqualTo(before);
        assertThat(read(after, "one")).containsExactly(data(1, "new"), link, gone);
    }

    @Test
    void largeOnesAndBlobsAreThereToo() {
        PreparedJournal journal = open();
        byte[] content = bytes("blob ".repeat(40_000));
        DataRecord blob =
                new DataRecord(oid(2), new Content.Data(Steps.blobRecord()), Optional.of(Steps.blob(content)));
        Map<Oid, BlobSource> kept = prepare(journal, "large", data(1, "x".repeat(5000)), blob, data(3, "end"));
        assertThat(content(kept.get(oid(2)))).isEqualTo(content);

        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);

        List<DataRecord> records = read(after, "large");
        assertThat(records.get(0)).isEqualTo(data(1, "x".repeat(5000)));
        assertThat(content(records.get(1).blob().orElseThrow())).isEqualTo(content);
        assertThat(records.get(2)).isEqualTo(data(3, "end"));
    }

    @Test
    void anEndIsRememberedAndTheBranchsFilesGo() {
        PreparedJournal journal = open();
        prepare(journal, "large", data(1, "x".repeat(5000)));
        assertThat(disk.files()).anyMatch(file -> file.toString().endsWith(".branch"));
        await(journal.end(id("large"), Fate.COMMITTED, new Tid(9)));
        environment.advance(Duration.ofSeconds(1));

        assertThat(disk.files()).noneMatch(file -> file.toString().endsWith(".branch"));
        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);
        assertThat(after.inDoubt()).isEmpty();
        assertThat(after.end(id("large")).orElseThrow().tid()).isEqualTo(new Tid(9));

        await(after.forget(id("large")));
        assertThat(reopen(FaultDisk.NOTHING_SURVIVES).ends()).isEmpty();
    }

    @Test
    void oldEndsAreForgottenButNotWhatAnAdminDecided() {
        PreparedJournal journal = open(options().withRemembered(3));
        prepare(journal, "forced", data(1, "x"));
        await(journal.end(id("forced"), Fate.ROLLED_BACK_BY_ADMIN, Tid.NONE));
        for (int i = 0; i < 10; i++) {
            prepare(journal, "t" + i, data(1, "x"));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
        }
        await(journal.flush());

        assertThat(journal.ends())
                .extracting(PreparedJournal.End::id)
                .containsExactly(id("forced"), id("t8"), id("t9"));
    }

    @Test
    void itIsLaidDownAnewWhenItIsFull() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "stays", data(1, "x".repeat(5000)));
        for (int i = 0; i < 200; i++) {
            prepare(journal, "t" + i, data(2, "y".repeat(100)));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
        }
        await(journal.flush());

        assertThat(disk.contents(STATE.resolve("raid.prepared")).length).isLessThan(60_000);
        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);
        assertThat(inDoubt(after)).containsExactly("stays");
        assertThat(after.ends()).hasSize(200);
        assertThat(read(after, "stays")).containsExactly(data(1, "x".repeat(5000)));
    }

    @Test
    void whileItIsFilledTheFileInWhichItIsLaidDownNextIsMadeBeside() {
        PreparedJournal journal = open();
        prepare(journal, "stays", data(1, "x"));
        environment.advance(Duration.ofSeconds(1));
        long made = 0;
        for (int i = 0; i < 40; i++) {
            prepare(journal, "t" + i, data(2, "y".repeat(100)));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
            environment.advance(Duration.ofSeconds(1));
            made = disk.journal().stream()
                    .filter(operation -> operation.kind() == FaultDisk.Kind.CREATE)
                    .filter(operation -> operation.path().endsWith("raid.prepared.new"))
                    .count();
        }
        // Each folder's first one only.
        assertThat(made).isEqualTo(3);
        assertThat(disk.journal())
                .anyMatch(operation -> operation.kind() == FaultDisk.Kind.CREATE
                        && operation.path().endsWith("raid.prepared.spare"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("stays");
    }

    @Test
    void withoutAnyFolderNothingIsPreparedAndItSaysWhy() {
        PreparedJournal journal = open();
        disk.limitTo(disk.usedBytes());

        assertThatThrownBy(() -> prepare(journal, "one", data(1, "x"))).isInstanceOf(DiskFullException.class);
        assertThat(journal.inDoubt()).isEmpty();

        disk.limitTo(Long.MAX_VALUE);
        prepare(journal, "two", data(1, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("two");
    }
}

package org.zeoraid.storage.journal;

import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.StallingEnvironment;

/** A journal in three folders of a simulated disk, and processes that come and go. */
abstract class JournalRig {

    static final Path STATE = Path.of("/array/state");
    static final Path A = Path.of("/array/a");
    static final Path B = Path.of("/array/b");
    static final List<Path> FOLDERS = List.of(STATE, A, B);

    final List<String> notes = new ArrayList<>();
    FaultDisk disk = fresh();
    SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
    StallingEnvironment stalls = new StallingEnvironment(environment);

    static FaultDisk fresh() {
        FaultDisk disk = new FaultDisk();
        FOLDERS.forEach(folder -> disk.put(folder.resolve("something"), bytes("there")));
        return disk;
    }

    JournalOptions options() {
        return JournalOptions.in(FOLDERS, (level, text) -> notes.add(text))
                .withRoom(4096)
                .withInline(500);
    }

    PreparedJournal open() {
        return open(options());
    }

    PreparedJournal open(JournalOptions options) {
        return open(options, PreparedJournal.Unseen.HAS_NONE);
    }

    PreparedJournal open(JournalOptions options, PreparedJournal.Unseen unseen) {
        return await(PreparedJournal.open("main", stalls, options, unseen));
    }

    <T> T await(CompletionStage<T> stage) {
        try {
            return environment.await(stage);
        } catch (CompletionException e) {
            if (e.getCause() instanceof StorageException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** A new process with this disk. */
    void start(FaultDisk found) {
        disk = found;
        environment = new SimulatedEnvironment(found.steps() + 2, found);
        stalls = new StallingEnvironment(environment);
    }

    /** A new process with nothing but what lies in these folders; the state directory is there, as an array makes it. */
    PreparedJournal startWith(FaultDisk found, Path... folders) {
        FaultDisk left = new FaultDisk();
        left.put(STATE.resolve("something"), bytes("there"));
        for (Path folder : folders) {
            copy(found, folder, left);
        }
        start(left);
        return open();
    }

    /** What comes back after the process was killed, and maybe the machine. */
    PreparedJournal reopen(long seed) {
        start(disk.afterCrash(seed));
        return open();
    }

    static BranchId id(String name) {
        return new BranchId(7, bytes(name), bytes("node-1"));
    }

    static CommittedTransaction changes(DataRecord... records) {
        return CommittedTransaction.of(
                new TransactionHeader(Tid.NONE, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(records));
    }

    static DataRecord data(long oid, String text) {
        return new DataRecord(oid(oid), new Content.Data(bytes(text)));
    }

    PreparedJournal.Branch branch(String name, int changes) {
        return new PreparedJournal.Branch(
                id(name),
                environment.clock().instant(),
                new Tid(5),
                TransactionMeta.of("me", name),
                List.of(oid(100), oid(101)),
                changes,
                42);
    }

    Map<Oid, BlobSource> prepare(PreparedJournal journal, String name, DataRecord... records) {
        return await(prepareLater(journal, name, records));
    }

    CompletionStage<Map<Oid, BlobSource>> prepareLater(PreparedJournal journal, String name, DataRecord... records) {
        return journal.prepare(branch(name, records.length), changes(records));
    }

    List<DataRecord> read(PreparedJournal journal, String name) {
        List<DataRecord> records = new ArrayList<>();
        await(journal.readChanges(id(name), records::add));
        return records;
    }

    static List<String> inDoubt(PreparedJournal journal) {
        return journal.inDoubt().stream()
                .map(branch -> branch.meta().descriptionText())
                .toList();
    }

    static void copy(FaultDisk from, Path folder, FaultDisk to) {
        for (Path file : from.files()) {
            if (file.startsWith(folder)) {
                try {
                    to.put(file, from.contents(file));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}

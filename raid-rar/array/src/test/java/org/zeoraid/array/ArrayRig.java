package org.zeoraid.array;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.StallingEnvironment;

/** A whole array in a simulation: members in memory with folders on a simulated disk, opened and crashed as a test likes. */
final class ArrayRig {

    static final Path STATE = Path.of("/state");
    static final ArrayOptions PATIENCE = new ArrayOptions(
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofMillis(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));

    final Map<String, Faults> faults = new LinkedHashMap<>();
    final Map<String, MemoryMember> contents = new LinkedHashMap<>();
    final Map<String, String> settings = new LinkedHashMap<>();
    final Map<String, String> openedWith = new LinkedHashMap<>();
    private final Map<String, Integer> openings = new LinkedHashMap<>();
    final List<String> names = new ArrayList<>();
    private final Set<String> locks = ConcurrentHashMap.newKeySet();
    FailMode failMode = FailMode.CLOSE;
    RaidArray.RecoveryFactory recoveries = Resync::create;
    boolean membersAreLocked;
    boolean superblocksLieBeside = true;
    FaultDisk disk;
    SimulatedEnvironment environment;
    StallingEnvironment stalls;
    RaidArray array;
    private long seed;
    private int lives;

    ArrayRig(long seed, String... names) {
        this.seed = seed;
        this.disk = new FaultDisk(seed);
        for (String name : names) {
            add(name);
        }
    }

    void add(String name) {
        names.add(name);
        faults.put(name, new Faults());
        contents.put(name, MemoryMember.named(name));
        makeFolder(name);
    }

    void makeFolder(String name) {
        try {
            disk.createFolders(folder(name));
            disk.syncFolder(folder(name).getParent());
            disk.syncFolder(Path.of("/"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path folder(String name) {
        return Path.of("/data").resolve(name);
    }

    /** A fresh process over what lies there. */
    RaidArray open() {
        environment = new SimulatedEnvironment(++seed, disk);
        environment.jumpClock(Duration.ofHours(++lives));
        stalls = new StallingEnvironment(environment);
        array = RaidArray.open(stalls, this::configuration, recoveries);
        return array;
    }

    RaidArray openServing() {
        open();
        environment.await(array.serving());
        return array;
    }

    ArrayConfiguration configuration() {
        return new ArrayConfiguration("main", List.copyOf(sources()), STATE, failMode, false, PATIENCE);
    }

    private List<MemberSource> sources() {
        List<MemberSource> sources = new ArrayList<>();
        for (String name : names) {
            sources.add(new FaultyMember(new Swapping(name), faults(name)));
        }
        return sources;
    }

    /** A member by its name: what is in its place when it is opened. */
    private final class Swapping implements MemberSource {
        private final String name;
        private final String configured;

        Swapping(String name) {
            this.name = name;
            this.configured = settings.getOrDefault(name, "");
        }

        @Override
        public String settings() {
            return configured;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String kind() {
            return "filestorage";
        }

        @Override
        public String location() {
            return folderMember(name).location();
        }

        @Override
        public Optional<Path> folder() {
            return folderMember(name).folder();
        }

        @Override
        public boolean isWriteMostly() {
            return false;
        }

        @Override
        public CompletionStage<TransactionLog> open() {
            openedWith.put(name, configured);
            openings.merge(name, 1, Integer::sum);
            return folderMember(name).open();
        }
    }

    private FolderMember folderMember(String name) {
        Optional<Set<String>> held = membersAreLocked ? Optional.of(locks) : Optional.empty();
        return new FolderMember(disk, folder(name), content(name), held, superblocksLieBeside);
    }

    /** The members that are open, where they are locked. */
    Set<String> locked() {
        return Set.copyOf(locks);
    }

    /** How often a member was opened. */
    int opened(String name) {
        return openings.getOrDefault(name, 0);
    }

    Faults faults(String name) {
        Faults found = faults.get(name);
        if (found == null) {
            throw new AssertionError("no member " + name);
        }
        return found;
    }

    private MemoryMember content(String name) {
        MemoryMember found = contents.get(name);
        if (found == null) {
            throw new AssertionError("no member " + name);
        }
        return found;
    }

    void close() {
        environment.await(array.closeAsync());
    }

    /** The process dies, the machine too: what was not synced is lost. The members' contents are as they are. */
    void crash() {
        disk.crash();
        locks.clear();
        disk = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        faults.replaceAll((name, old) -> fresh(old));
    }

    /** What a fault was set for is over; the kind of the member stays. */
    static Faults fresh(Faults old) {
        Faults fresh = new Faults().identity(old.identity());
        return old.isReturning() ? fresh.returning() : fresh;
    }

    /** Members as a server's are: nothing lies beside them, and they return by themselves. */
    ArrayRig remote() {
        superblocksLieBeside = false;
        faults.values().forEach(Faults::returning);
        return this;
    }

    /** Puts something else in a member's place: an older copy of it, another database, another member's storage. */
    void replace(String name, MemoryMember content) {
        contents.put(name, content);
        faults(name).loseConnections();
    }

    /** What a member holds now, up to a transaction, as a backup. */
    MemoryMember copyOf(String name, Tid upTo) {
        MemoryMember copy = MemoryMember.named(name);
        TransactionLog to = copy.open().toCompletableFuture().join();
        Tid last = Tid.NONE;
        TransactionLog from = content(name).open().toCompletableFuture().join();
        for (CommittedTransaction transaction : from.transactions(Tid.NONE, upTo)
                .next(Long.MAX_VALUE)
                .toCompletableFuture()
                .join()) {
            to.append(last, transaction).toCompletableFuture().join();
            last = transaction.tid();
        }
        return copy;
    }

    Storage storage() {
        return array.storage();
    }

    CompletionStage<Tid> commitLater(long number, String data) {
        StorageTransaction transaction = storage().begin(TransactionMeta.of("test", data));
        return storage()
                .serial(Rig.oid(number))
                .thenCompose(based -> {
                    transaction.store(Rig.oid(number), based, data.getBytes(StandardCharsets.UTF_8));
                    return transaction.vote();
                })
                .thenCompose(oids -> transaction.finish());
    }

    Tid commit(long number, String data) {
        return environment.await(commitLater(number, data));
    }

    String load(long number) {
        return new String(
                environment
                        .await(storage().loadBefore(Rig.oid(number), Tid.MAX))
                        .map(Revision::data)
                        .orElseThrow(),
                StandardCharsets.UTF_8);
    }

    MemberStatus member(String name) {
        return array.status().members().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    MemberState state(String name) {
        return member(name).state();
    }

    /** What a member holds, behind the array's back. */
    TransactionLog log(String name) {
        return content(name).open().toCompletableFuture().join();
    }

    /** The transactions that a member holds, behind the array's back. */
    List<Tid> tids(String name) {
        return log(name).headers(Tid.NONE, Tid.MAX).next(Long.MAX_VALUE).toCompletableFuture().join().stream()
                .map(TransactionHeader::tid)
                .toList();
    }

    /** Writes to a member behind the array's back. */
    void append(String name, long tid, String data) {
        TransactionLog log = content(name).open().toCompletableFuture().join();
        Tid last = log.lastTid().toCompletableFuture().join();
        log.append(last, transaction(new Tid(tid), data)).toCompletableFuture().join();
    }

    void append(String name, Tid tid, String data) {
        append(name, tid.value(), data);
    }

    static CommittedTransaction transaction(Tid tid, String data) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(new DataRecord(Oid.ROOT, new Content.Data(data.getBytes(StandardCharsets.UTF_8)))));
    }
}

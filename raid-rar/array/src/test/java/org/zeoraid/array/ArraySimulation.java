package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.FaultDisk;

/**
 * One life of a real array with members that fail, hang and fall silent, machines that crash and admins that press
 * buttons, all from a seed. Clients write ever greater numbers into a few objects; what they were told is kept, and
 * everything that is read is held against it.
 */
final class ArraySimulation {

    private static final int OBJECTS = 6;
    private static final Duration SETTLE = Duration.ofMinutes(3);

    private final SplittableRandom random;
    private final ArrayRig rig;
    private final List<String> story = new ArrayList<>();
    private final Map<Long, Model> objects = new TreeMap<>();
    private final List<AutoCloseable> brokenDisks = new ArrayList<>();
    private Tid highest = Tid.NONE;
    private final boolean isRemote;
    /** Whether the admin forces assemblies, by which acknowledged transactions may be lost. */
    private final boolean isForcing;

    private final SimulatedBranches branches;
    private long acknowledged;
    private int life;

    /** What is known of one object. */
    private static final class Model {
        /** The greatest number that was acknowledged. */
        private long sure;
        /** Numbers whose outcome nobody knows. */
        private final List<Long> unsure = new ArrayList<>();

        private long next;
        private boolean busy;
        /** What is being committed now, if it may be seen. */
        private long shows;
        /** All numbers that could ever be seen. */
        private final Set<Long> ever = new HashSet<>();
    }

    ArraySimulation(long seed) {
        random = new SplittableRandom(seed);
        rig = random.nextInt(3) == 0 ? new ArrayRig(seed, "a", "b") : new ArrayRig(seed, "a", "b", "c");
        isRemote = random.nextInt(3) == 0;
        isForcing = random.nextInt(4) == 0;
        if (isRemote) {
            rig.remote();
        }
        rig.failMode = random.nextBoolean() ? FailMode.CLOSE : FailMode.READ_ONLY;
        for (long oid = 1; oid <= OBJECTS; oid++) {
            objects.put(oid, new Model());
        }
        branches = new SimulatedBranches(random, rig, new BranchObjects(), this::tell);
    }

    private final class BranchObjects implements SimulatedBranches.Objects {

        @Override
        public void held(long oid) {
            model(oid).busy = true;
        }

        @Override
        public void mayShow(long oid, long number) {
            model(oid).unsure.add(number);
            model(oid).ever.add(number);
        }

        @Override
        public void committed(long oid, long number, Tid tid) {
            model(oid).sure = Math.max(model(oid).sure, number);
            highest = tid.isAfter(highest) ? tid : highest;
            acknowledged++;
        }

        @Override
        public void free(long oid) {
            model(oid).busy = false;
        }
    }

    long acknowledged() {
        return acknowledged;
    }

    /** How many of them were branches. */
    long branches() {
        return branches.committed();
    }

    String story() {
        int from = Math.max(0, story.size() - 120);
        return String.join("\n", story.subList(from, story.size()));
    }

    private void tell(String text) {
        story.add((rig.environment == null ? "" : rig.environment.elapsed().toMillis() + " ms: ") + text);
    }

    void live(int steps) {
        open();
        for (int step = 0; step < steps; step++) {
            act();
            rig.environment.advance(Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? 6000 : 200)));
            checkTime();
        }
        recoverEverything();
        checkAtEnd();
    }

    private void open() {
        life++;
        rig.open();
        tell("-- life " + life);
    }

    private void act() {
        int dice = random.nextInt(100);
        String member = rig.names.get(random.nextInt(rig.names.size()));
        if (dice < 45) {
            commit();
        } else if (dice < 60) {
            branches.act();
        } else if (dice < 70) {
            read();
        } else if (dice < 80) {
            fault(member);
        } else if (dice < 86) {
            tell("member " + member + " works again");
            rig.faults(member).release();
            mendDisks();
        } else if (dice < 90 && isForcing && rig.array.status().state() == ArrayState.FAILED) {
            force();
        } else if (dice < 96) {
            administer(member);
        } else if (dice < 98) {
            crash();
        } else {
            stopAndStart();
        }
    }

    // Clients.

    private void commit() {
        long oid = 1 + random.nextInt(OBJECTS);
        Model model = model(oid);
        if (model.busy) {
            return;
        }
        long number = ++model.next;
        if (random.nextInt(4) == 0) {
            branches.prepare(oid, number);
            return;
        }
        int mine = life;
        CompletableFuture<Tid> commit;
        try {
            commit = rig.commitLater(oid, Long.toString(number)).toCompletableFuture();
        } catch (StorageException e) {
            return; // refused before anything was begun
        }
        model.busy = true;
        model.shows = number;
        model.ever.add(number);
        commit.whenComplete((tid, failure) -> {
            if (mine != life) {
                return; // the client died with the machine
            }
            model.busy = false;
            model.shows = 0;
            if (failure == null) {
                tell("object " + oid + " = " + number + " acknowledged as " + tid);
                assertThat(branches.holds(oid))
                        .as("a prepared branch holds object %d", oid)
                        .isFalse();
                assertThat(tid).as("tids go back").isGreaterThan(highest);
                highest = tid;
                model.sure = number;
                acknowledged++;
            } else if (mayHaveHappened(Failures.cause(failure))) {
                tell("object " + oid + " = " + number + ": " + Failures.text(failure));
                model.unsure.add(number);
            } else {
                tell("object " + oid + " = " + number + " failed: " + Failures.text(failure));
            }
        });
    }

    private static boolean mayHaveHappened(Throwable failure) {
        return !(failure instanceof ConflictException
                || failure instanceof DiskFullException
                || failure instanceof ReadOnlyException
                || failure instanceof StorageUnavailableException);
    }

    private void read() {
        long oid = 1 + random.nextInt(OBJECTS);
        Model model = model(oid);
        long sure = model.sure;
        int mine = life;
        rig.storage().loadBefore(Rig.oid(oid), Tid.MAX).whenComplete((revision, failure) -> {
            if (mine == life) {
                checkRead(oid, model, sure, revision, failure);
            }
        });
    }

    private void checkRead(long oid, Model model, long sure, Optional<Revision> revision, Throwable failure) {
        if (failure != null) {
            Throwable cause = Failures.cause(failure);
            if (cause instanceof ObjectNotFoundException && !isForcing) {
                assertThat(sure).as("object " + oid + " is said not to exist").isZero();
            }
            return;
        }
        long seen = number(revision.orElseThrow().data());
        if (isForcing) {
            assertThat(model.ever)
                    .as("object %d shows %d, which never was", oid, seen)
                    .contains(seen);
            return;
        }
        assertThat(seen)
                .as("object " + oid + " is older than what was acknowledged")
                .isGreaterThanOrEqualTo(sure);
        if (seen > sure && seen != model.sure && !model.unsure.contains(seen)) {
            assertThat(seen)
                    .as("object %d shows %d, which failed or never was", oid, seen)
                    .isEqualTo(model.shows);
        }
    }

    private static long number(byte[] data) {
        return Long.parseLong(new String(data, StandardCharsets.UTF_8));
    }

    private Model model(long oid) {
        Model model = objects.get(oid);
        if (model == null) {
            throw new AssertionError("no object " + oid);
        }
        return model;
    }

    /** Goes on with the members that are there, whatever they lack. */
    private void force() {
        int mine = life;
        rig.array.assembleByForce().whenComplete((nothing, failure) -> {
            if (mine == life) {
                tell("admin: force: " + (failure == null ? "done" : Failures.text(failure)));
            }
        });
    }

    // What goes wrong.

    private void fault(String member) {
        Faults faults = rig.faults(member);
        if (random.nextInt(8) == 0) {
            superblockFails(random.nextBoolean() ? ArrayRig.STATE : ArrayRig.folder(member));
            return;
        }
        if (random.nextInt(12) == 0) {
            int minutes = random.nextInt(-90, 90);
            rig.environment.jumpClock(Duration.ofMinutes(minutes));
            tell("the clock jumps by " + minutes + " minutes");
            return;
        }
        if (isRemote && random.nextBoolean()) {
            faults.loseConnections();
            if (random.nextBoolean()) {
                faults.opening(Faults.Open.UNAVAILABLE);
            }
            tell("the connection to member " + member + " is lost");
            return;
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> faults.appends(Faults.Append.REFUSE);
            case 2 -> faults.appendOnce(Faults.Append.UNKNOWN_LOST);
            case 3 -> faults.appendOnce(Faults.Append.UNKNOWN_DONE);
            case 4 -> faults.appends(Faults.Append.HANG);
            case 5 -> faults.appends(Faults.Append.HANG_DONE);
            case 6 -> faults.reads(Faults.Read.UNAVAILABLE);
            case 7 -> faults.reads(Faults.Read.HANG);
            case 8 -> faults.appendOnce(Faults.Append.DISK_FULL);
            default -> faults.opening(random.nextBoolean() ? Faults.Open.UNAVAILABLE : Faults.Open.HANG);
        }
        tell("member " + member + " misbehaves");
    }

    private void superblockFails(Path folder) {
        tell("superblocks in " + folder + " cannot be written");
        brokenDisks.add(rig.disk.rule(operation -> {
            if (operation.kind() != FaultDisk.Kind.READ
                    && operation.path().startsWith(folder)
                    && operation.path().getFileName().toString().startsWith(SuperblockFile.NAME)) {
                throw new IOException("input/output error");
            }
        }));
    }

    private void mendDisks() {
        for (AutoCloseable broken : brokenDisks) {
            try {
                broken.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        brokenDisks.clear();
    }

    private void crash() {
        tell("CRASH");
        die();
        brokenDisks.clear();
        rig.disk.crash();
        rig.disk = rig.disk.afterCrash(random.nextInt(4) == 0 ? FaultDisk.ALL_SURVIVES : random.nextLong());
        if (random.nextBoolean()) {
            rig.faults.replaceAll((name, old) -> ArrayRig.fresh(old));
            if (!isRemote && random.nextInt(4) == 0) {
                loseStateDirectory();
            }
        } else {
            // Members stay away that were away, but nothing is held for a process that is gone.
            rig.faults.replaceAll((name, old) -> random.nextBoolean()
                    ? ArrayRig.fresh(old)
                    : ArrayRig.fresh(old).opening(Faults.Open.UNAVAILABLE));
        }
        open();
    }

    /** As when its disk was replaced. */
    private void loseStateDirectory() {
        tell("the state directory is lost");
        try {
            for (String name : rig.disk.list(ArrayRig.STATE)) {
                rig.disk.delete(ArrayRig.STATE.resolve(name));
            }
            rig.disk.syncFolder(ArrayRig.STATE);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What was under way may have happened or not. */
    private void die() {
        life++;
        branches.die();
        if (isForcing) {
            highest = Tid.NONE; // the superblock, from which a forced assembly goes on, may know of less
        }
        for (Model model : objects.values()) {
            if (model.shows > 0) {
                model.unsure.add(model.shows);
                model.shows = 0;
            }
            model.busy = false;
        }
    }

    private void stopAndStart() {
        tell("stop in order");
        CompletableFuture<Void> closed = rig.array.closeAsync().toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(3));
        if (!closed.isDone()) {
            throw new AssertionError("the array does not close");
        }
        die();
        rig.faults.replaceAll((name, old) -> random.nextInt(4) > 0 ? ArrayRig.fresh(old) : old);
        open();
    }

    private void administer(String member) {
        RaidArray array = rig.array;
        int dice = random.nextInt(13);
        CompletableFuture<?> request;
        String what;
        if (dice < 1) {
            what = "disable";
            request = array.disable(member).toCompletableFuture();
        } else if (dice < 7) {
            what = "recover";
            request = array.recover(member).toCompletableFuture();
        } else if (dice < 8) {
            what = "rebuild";
            request = array.rebuild(member).toCompletableFuture();
        } else if (dice < 9) {
            what = "pause";
            request = array.pause(member).toCompletableFuture();
        } else if (dice < 10) {
            what = "resume";
            request = array.resume(member).toCompletableFuture();
        } else if (dice < 11) {
            what = "reload";
            request = array.reload().toCompletableFuture();
        } else if (dice < 12) {
            what = "verify";
            request = array.verify(member).toCompletableFuture();
        } else {
            what = "pack";
            request = array.pack(new PackRequest(highest, PackRequest.Garbage.KEEP))
                    .toCompletableFuture();
        }
        request.whenComplete((value, failure) ->
                tell("admin: " + what + " " + member + ": " + (failure == null ? "done" : Failures.text(failure))));
    }

    private void checkTime() {
        if (rig.array.status().state() == ArrayState.FAILED) {
            return;
        }
        // What an array holds after force may be less; what clients are told may not.
        Tid served = isForcing
                ? rig.storage()
                        .lastTid()
                        .exceptionally(unanswered -> Tid.MAX)
                        .toCompletableFuture()
                        .getNow(Tid.MAX)
                : rig.array.status().lastTid();
        assertThat(highest.isAfter(served))
                .as("clients see time go back: " + served)
                .isFalse();
    }

    // The end.

    private void recoverEverything() {
        tell("-- everything works again");
        rig.faults.values().forEach(Faults::release);
        mendDisks();
        for (int attempt = 0; attempt < 30; attempt++) {
            rig.environment.advance(Duration.ofSeconds(30));
            ArrayState state = rig.array.status().state();
            if (state == ArrayState.OPTIMAL && branches.isDone()) {
                return;
            }
            if (state == ArrayState.FAILED && attempt == 10) {
                // Without the state directory nobody else can say that all that is there is enough.
                force();
                continue;
            }
            if (state == ArrayState.FAILED && attempt > 12) {
                tell("restart: " + rig.array.status().reason());
                stopAndStart();
                rig.faults.values().forEach(Faults::release);
                continue;
            }
            if (isForcing) {
                commit(); // by which alone a member shows that it is not another one
            }
            for (MemberStatus member : rig.array.status().members()) {
                if (member.operation().isPresent()) {
                    rig.array.resume(member.name());
                } else if (member.state() == MemberState.DIVERGED) {
                    rig.array.rebuild(member.name());
                } else if (member.state() != MemberState.OPTIMAL) {
                    rig.array.recover(member.name());
                }
            }
        }
        throw new AssertionError("the array does not become whole again: " + rig.array.status());
    }

    private void checkAtEnd() {
        rig.environment.advance(SETTLE);
        for (Map.Entry<Long, Model> entry : objects.entrySet()) {
            long oid = entry.getKey();
            Model model = entry.getValue();
            assertThat(model.shows).as("a commit never ended").isZero();
            if (isForcing && !model.ever.isEmpty()) {
                readAtEnd(oid).ifPresent(seen -> assertThat(model.ever).contains(seen));
            } else if (model.sure > 0) {
                long seen = Long.parseLong(rig.load(oid));
                assertThat(seen == model.sure || (seen > model.sure && model.unsure.contains(seen)))
                        .as(
                                "object %d is %d in the end; acknowledged %d, unsure %s",
                                oid, seen, model.sure, model.unsure)
                        .isTrue();
            }
        }
        branches.checkAtEnd(descriptions());
        rig.close();
        // Up to the newest pack histories may differ; what is current may not.
        Tid packed = rig.names.stream()
                .map(name -> log(name).packedTo().toCompletableFuture().join())
                .reduce(Tid.NONE, (x, y) -> x.isAfter(y) ? x : y);
        List<TransactionDigest> first = digests(rig.names.get(0), packed);
        for (String name : rig.names) {
            assertThat(digests(name, packed)).as("member " + name).isEqualTo(first);
            assertThat(current(name)).as("member " + name).isEqualTo(current(rig.names.get(0)));
        }
        Tid last = log(rig.names.get(0)).lastTid().toCompletableFuture().join();
        assertThat(last).isGreaterThanOrEqualTo(highest);
    }

    private TransactionLog log(String name) {
        MemoryMember content = rig.contents.get(name);
        if (content == null) {
            throw new AssertionError("no member " + name);
        }
        return content.open().toCompletableFuture().join();
    }

    private Optional<Long> readAtEnd(long oid) {
        CompletionStage<Optional<Long>> read = rig.storage()
                .loadBefore(Rig.oid(oid), Tid.MAX)
                .handle((revision, failure) ->
                        Optional.ofNullable(revision).flatMap(found -> found).map(found -> number(found.data())));
        return rig.environment.await(read);
    }

    private List<String> descriptions() {
        return log(rig.names.get(0))
                .headers(Tid.NONE, Tid.MAX)
                .next(Long.MAX_VALUE)
                .toCompletableFuture()
                .join()
                .stream()
                .map(header -> header.meta().descriptionText())
                .toList();
    }

    private List<TransactionDigest> digests(String name, Tid after) {
        return log(name)
                .digests(after.after(), Tid.MAX)
                .next(Long.MAX_VALUE)
                .toCompletableFuture()
                .join();
    }

    private List<String> current(String name) {
        return log(name).currentRecords(Oid.ROOT).next(Long.MAX_VALUE).toCompletableFuture().join().stream()
                .map(entry -> entry.oid() + " " + entry.serial() + " " + number(entry.data()))
                .toList();
    }
}

package org.zeoraid.array;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.Environment;

/** The data path over members in memory with switches, and a keeper under control of the test. */
final class Rig {

    static final ArrayOptions OPTIONS = new ArrayOptions(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(4),
            Duration.ofMillis(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));

    final List<MemoryMember> contents = new ArrayList<>();
    final List<FaultyMember> sources = new ArrayList<>();
    final List<Member> members = new ArrayList<>();
    final List<TransactionLog> logs = new ArrayList<>();
    final ScriptedKeeper keeper;
    final ReplicatedLog log;
    private long lastTid = 1000;

    Rig(Environment environment, String... names) {
        this(environment, List.of(names), List.of());
    }

    /** @param recovering members that are not optimal yet */
    Rig(Environment environment, List<String> names, List<String> recovering) {
        this(environment, names, recovering, source -> source);
    }

    /** @param wrapper is put between the members in memory and their switches */
    Rig(Environment environment, List<String> names, List<String> recovering, UnaryOperator<MemberSource> wrapper) {
        List<Standing> standings = new ArrayList<>();
        for (String name : names) {
            Faults faults = new Faults();
            MemoryMember content = name.startsWith("wm") ? MemoryMember.writeMostly(name) : MemoryMember.named(name);
            FaultyMember source = new FaultyMember(wrapper.apply(content), faults);
            contents.add(content);
            Member member = new Member(source, UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
            TransactionLog opened = source.open().toCompletableFuture().join();
            sources.add(source);
            members.add(member);
            logs.add(opened);
            standings.add(ScriptedKeeper.standing(
                    member, recovering.contains(name) ? MemberState.RECOVERING : MemberState.OPTIMAL, opened));
        }
        keeper = new ScriptedKeeper(environment, standings);
        log = ReplicatedLog.open(
                environment,
                OPTIONS,
                keeper,
                Tid.NONE,
                request -> CompletableFuture.completedFuture(new PackResult(0, 0, 0, "")));
    }

    Faults faults(int member) {
        return sources.get(member).faults();
    }

    /** What a member holds, read from the outside. */
    List<Tid> tids(int member) {
        TransactionLog fresh = sources.get(member).open().toCompletableFuture().join();
        return tids(fresh);
    }

    static List<Tid> tids(TransactionLog log) {
        return log.headers(Tid.NONE, Tid.MAX).next(Long.MAX_VALUE).toCompletableFuture().join().stream()
                .map(TransactionHeader::tid)
                .toList();
    }

    Tid nextTid() {
        return new Tid(++lastTid);
    }

    /** Commits a transaction behind the last one that was sent, as a pipeline does. */
    CompletableFuture<Void> commit(String... objects) {
        Tid previous = lastTid == 1000 ? Tid.NONE : new Tid(lastTid);
        return commit(previous, nextTid(), objects);
    }

    CompletableFuture<Void> commit(Tid previous, Tid tid, String... objects) {
        return log.append(previous, transaction(tid, objects)).toCompletableFuture();
    }

    /** Numbered objects lie so far apart that each may be read from another member. */
    static Oid oid(long number) {
        return new Oid(number * Readers.RANGE);
    }

    /** Objects are written {@code number=data}. */
    static CommittedTransaction transaction(Tid tid, String... objects) {
        List<DataRecord> records = new ArrayList<>();
        for (String object : objects) {
            String[] parts = object.split("=", 2);
            Content content =
                    parts.length == 1 ? Content.ABSENT : new Content.Data(parts[1].getBytes(StandardCharsets.UTF_8));
            records.add(new DataRecord(oid(Long.parseLong(parts[0])), content));
        }
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.of("u", "t " + tid), 0),
                records);
    }

    Tid last() {
        return new Tid(lastTid);
    }

    CompletableFuture<String> load(long number) {
        return text(log.loadBefore(oid(number), Tid.MAX)
                .thenApply(r -> r.map(Revision::data).orElseThrow()));
    }

    static CompletableFuture<String> text(CompletionStage<byte[]> stage) {
        return stage.thenApply(data -> new String(data, StandardCharsets.UTF_8)).toCompletableFuture();
    }

    static Throwable failure(CompletableFuture<?> stage) {
        try {
            stage.getNow(null);
        } catch (CompletionException e) {
            return e.getCause();
        }
        throw new AssertionError(stage.isDone() ? "it did not fail" : "it is not done");
    }
}

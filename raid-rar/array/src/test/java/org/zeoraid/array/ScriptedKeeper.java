package org.zeoraid.array;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.Environment;

/** A keeper without a superblock: decisions are durable at once, or when the test says so. */
final class ScriptedKeeper implements MembershipKeeper {

    private final Environment environment;
    volatile String brokenBecause = "";

    private final List<Consumer<Membership>> listeners = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<Void>> marks = new ArrayList<>();
    private final Map<Member, CompletableFuture<Void>> outMarks = new LinkedHashMap<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<String> distrusted = new CopyOnWriteArrayList<>();
    private volatile Membership membership;
    private volatile boolean marksHeld;
    private volatile boolean marksFail;
    private volatile Tid acknowledged = Tid.NONE;

    ScriptedKeeper(Environment environment, List<Standing> members) {
        this.environment = environment;
        membership = new Membership(1, members, Membership.Service.FULL, "");
    }

    static Standing standing(Member member, MemberState state, TransactionLog log) {
        return new Standing(member, state, "", Instant.EPOCH, Tid.NONE, log);
    }

    int listenerCount() {
        return listeners.size();
    }

    void holdMarks() {
        marksHeld = true;
    }

    void releaseMarks() {
        List<CompletableFuture<Void>> now;
        synchronized (this) {
            marksHeld = false;
            now = List.copyOf(marks);
            marks.clear();
        }
        now.forEach(mark -> mark.complete(null));
    }

    /** Whether all that was decided on members taken out is durable. */
    synchronized boolean isDurable() {
        return outMarks.values().stream().allMatch(CompletableFuture::isDone);
    }

    void failMarks() {
        marksFail = true;
    }

    Tid acknowledgedLast() {
        return acknowledged;
    }

    MemberState state(String name) {
        return membership.named(name).orElseThrow().state();
    }

    String reason(String name) {
        return membership.named(name).orElseThrow().reason();
    }

    Tid firstMissed(String name) {
        return membership.named(name).orElseThrow().firstMissed();
    }

    private synchronized CompletableFuture<Void> mark() {
        if (marksFail) {
            return CompletableFuture.failedFuture(new ArrayFailedException("the superblock cannot be written"));
        }
        CompletableFuture<Void> mark = new CompletableFuture<>();
        if (marksHeld) {
            marks.add(mark);
        } else {
            mark.complete(null);
        }
        return mark;
    }

    private synchronized Membership change(Member member, MemberState state, String reason, Tid missed) {
        List<Standing> next = membership.members().stream()
                .map(s -> s.member() == member ? s.moved(state, reason, Instant.EPOCH, missed) : s)
                .toList();
        membership = new Membership(membership.generation() + 1, next, membership.service(), membership.stopped());
        return membership;
    }

    synchronized void put(Member member, MemberState state, TransactionLog log) {
        List<Standing> next = membership.members().stream()
                .map(s -> s.member() == member ? standing(member, state, log) : s)
                .toList();
        membership = new Membership(membership.generation() + 1, next, membership.service(), membership.stopped());
    }

    @Override
    public Membership current() {
        return membership;
    }

    @Override
    public Runnable listen(Consumer<Membership> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public CompletionStage<Verdict> degrade(Member member, String reason, Tid firstMissed) {
        return out(member, MemberState.DEGRADED, reason, firstMissed);
    }

    @Override
    public CompletionStage<Verdict> distrust(Member member, String reason, Tid firstMissed) {
        distrusted.add(member.name());
        return out(member, MemberState.DEGRADED, reason, firstMissed);
    }

    CompletionStage<Verdict> disable(Member member) {
        return out(member, MemberState.DISABLED, "by hand", Tid.NONE);
    }

    private CompletionStage<Verdict> out(Member member, MemberState state, String reason, Tid firstMissed) {
        Membership now;
        CompletableFuture<Void> mark;
        synchronized (this) {
            Standing standing = membership.of(member).orElseThrow();
            if (standing.isOptimal() && membership.optimal().size() == 1) {
                return CompletableFuture.completedFuture(Verdict.LAST_OPTIMAL);
            }
            if (!standing.isOptimal() && standing.state() != MemberState.RECOVERING) {
                return outMarks.getOrDefault(member, CompletableFuture.completedFuture(null))
                        .thenApply(nothing -> Verdict.OUT);
            }
            now = change(member, state, reason, firstMissed);
            mark = mark();
            if (standing.isOptimal()) {
                outMarks.put(member, mark);
            }
        }
        listeners.forEach(listener -> listener.accept(now));
        return mark.thenApply(nothing -> Verdict.OUT);
    }

    @Override
    public CompletionStage<Verdict> diverged(Member member, String reason) {
        return out(member, MemberState.DIVERGED, reason, Tid.NONE);
    }

    @Override
    public CompletionStage<Void> optimal(Member member) {
        Membership now;
        synchronized (this) {
            if (!membership.isIn(member, MemberState.RECOVERING)) {
                return CompletableFuture.failedFuture(new IllegalStateException(member + " is not recovering"));
            }
            now = change(member, MemberState.OPTIMAL, "", Tid.NONE);
        }
        listeners.forEach(listener -> listener.accept(now));
        return mark();
    }

    @Override
    public CompletionStage<Void> contentSetAside(Member member) {
        return mark();
    }

    @Override
    public CompletionStage<Void> stop(String reason) {
        synchronized (this) {
            membership = new Membership(
                    membership.generation() + 1, membership.members(), Membership.Service.READ_ONLY, reason);
        }
        return mark();
    }

    @Override
    public CompletionStage<Standing> reopen(Member member) {
        Standing standing = membership.of(member).orElseThrow();
        standing.log().ifPresent(TransactionLog::close);
        return member.source().open().thenApply(log -> {
            put(member, standing.state(), log);
            return membership.of(member).orElseThrow();
        });
    }

    @Override
    public Reach reach(Member member, TransactionLog log) {
        return new Reach() {
            @Override
            public TransactionLog log() {
                return log;
            }

            @Override
            public LifeSigns signs() {
                return new LifeSigns(environment::nanoTime);
            }

            @Override
            public <T> CompletionStage<T> ask(
                    Duration more, LifeSigns signs, Supplier<CompletionStage<T>> question, String what) {
                return Timed.ask(question);
            }
        };
    }

    @Override
    public void acknowledged(Tid tid) {
        acknowledged = tid;
    }

    @Override
    public void event(Severity severity, String member, String kind, String text) {
        events.add(kind + " " + member + ": " + text);
    }

    @Override
    public void broken(String reason) {
        brokenBecause = reason;
    }
}

package org.zeoraid.array;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.seam.Environment;

/**
 * Packs the members of an array, one after another while the array works. What is to be packed is written into the
 * superblock first; a member that was away, or failed at it, owes the pack and makes up for it later. What is garbage the
 * first member decides for all: transactions that are written while it is packed may refer to something again, and members that
 * each looked for themselves would forget different things. No recovery runs meanwhile: it would copy from a history that
 * changes under it. Safe for any number of threads.
 */
final class PackRun {

    /** What a pack takes at least, and the slowest at which it is believed to go on. */
    private static final Duration LEAST = Duration.ofMinutes(10);

    private static final long BYTES_PER_SECOND = 1 << 20;

    private final Environment environment;
    private final ArrayOptions options;
    private final SuperblockKeeper keeper;
    private final Recoveries recoveries;
    private volatile Optional<OperationStatus> status = Optional.empty();
    private volatile Optional<UnderWay> underWay = Optional.empty();

    /** The pack of one member. */
    private record UnderWay(Member member, TransactionLog log, CompletableFuture<PackResult> answer) {}

    PackRun(Environment environment, ArrayOptions options, SuperblockKeeper keeper, Recoveries recoveries) {
        this.environment = environment;
        this.options = options;
        this.keeper = keeper;
        this.recoveries = recoveries;
        keeper.listen(this::membershipChanged);
    }

    /** A member that has left, or whose log was closed, is not waited for: its pack may hang. */
    private void membershipChanged(Membership membership) {
        underWay.ifPresent(pack -> {
            boolean there = membership
                    .of(pack.member())
                    .filter(standing -> standing.isOptimal() && standing.openLog() == pack.log())
                    .isPresent();
            if (!there) {
                pack.answer().completeExceptionally(new StorageUnavailableException("it left while it was packed"));
            }
        });
    }

    Optional<OperationStatus> status() {
        return status;
    }

    /** Packs all optimal members. Fails if not one of them could be packed. */
    CompletionStage<PackResult> pack(PackRequest request) {
        if (!recoveries.hold()) {
            return CompletableFuture.failedFuture(new StorageUnavailableException(
                    "a member is being recovered or verified, or a pack is running; pack the array when that"
                            + " has ended"));
        }
        Optional<String> keeping = keepsGarbage(request);
        PackRequest chosen = keeping.isPresent() ? request.with(PackRequest.Garbage.KEEP) : request;
        return keeper.packs()
                .chosen(chosen)
                .thenCompose(nothing ->
                        packAll(new OwedPacks.Owed(chosen, keeper.current().optimal())))
                .thenApply(result -> keeping.map(why -> result.withNote((why + ". " + result.note()).strip()))
                        .orElse(result))
                .whenComplete((result, failure) -> end(failure));
    }

    /** Where one member keeps garbage all do, or one would seem to have lost what another has. */
    private Optional<String> keepsGarbage(PackRequest request) {
        return keeper.current().members().stream()
                .map(Standing::member)
                .filter(member -> request.garbage() == PackRequest.Garbage.COLLECT
                        && member.source().keepsGarbage())
                .findFirst()
                .map(member -> "garbage was kept, because member " + member.name() + " is configured so (pack-gc)");
    }

    /** Has optimal members make up for the pack that they owe, unless a member is being recovered: its end brings this up again. */
    void makeUp() {
        keeper.packs().owed().thenAccept(owed -> {
            if (owed.isPresent() && recoveries.hold()) {
                packAll(owed.get()).whenComplete((result, failure) -> end(failure));
            }
        });
    }

    private void end(@Nullable Throwable failure) {
        status = Optional.empty();
        recoveries.release();
        if (failure != null) {
            keeper.event(Severity.WARNING, "", "pack-failed", "not packed: " + Failures.text(failure));
        }
    }

    private CompletionStage<PackResult> packAll(OwedPacks.Owed owed) {
        List<PackResult> results = new ArrayList<>();
        Map<Member, Throwable> failures = new LinkedHashMap<>();
        CompletionStage<PackRequest> all = CompletableFuture.completedFuture(owed.request());
        int done = 0;
        for (Standing standing : owed.members()) {
            int before = done++;
            all = all.thenCompose(request -> {
                show(
                        "packs member " + standing.member().name(),
                        before,
                        owed.members().size());
                return packOne(standing, request, results, failures);
            });
        }
        return all.thenApply(last -> {
            if (results.isEmpty()) {
                throw new StorageUnavailableException("no member could be packed"
                        + failures.values().stream()
                                .findFirst()
                                .map(first -> ": " + Failures.text(first))
                                .orElse(""));
            }
            PackResult first = results.get(0);
            String notes = Stream.concat(
                            Stream.of(first.note()),
                            failures.keySet().stream()
                                    .map(member -> "member " + member.name() + " " + owes(failures.get(member))))
                    .filter(note -> !note.isBlank())
                    .collect(Collectors.joining("; "));
            return first.withNote(notes);
        });
    }

    private static String owes(@Nullable Throwable failure) {
        return "could not be packed, and owes it: " + Failures.text(failure);
    }

    /** Packs a member, and tells what the next one is to be asked. */
    private CompletionStage<PackRequest> packOne(
            Standing standing, PackRequest request, List<PackResult> results, Map<Member, Throwable> failures) {
        Member member = standing.member();
        Optional<TransactionLog> log = keeper.current().of(member).flatMap(Standing::log);
        if (log.isEmpty()) {
            return CompletableFuture.completedFuture(request); // it has left; it owes the pack
        }
        return packed(member, log.get(), request)
                .thenCompose(result -> {
                    results.add(result);
                    String note = result.note().isBlank() ? "" : "; " + result.note();
                    keeper.event(
                            Severity.INFO,
                            member.name(),
                            "packed",
                            "packed up to " + request.upTo() + ": " + Count.of(result.recordsDropped(), "record")
                                    + " dropped, "
                                    + Count.of(result.bytesBefore(), "byte") + " before, " + result.bytesAfter()
                                    + " after" + note);
                    PackRequest decided =
                            request.isDecided() ? request : result.decided().orElse(request);
                    return keeper.packs().packed(member, request, decided).thenApply(nothing -> decided);
                })
                .exceptionally(failure -> {
                    failures.put(member, failure);
                    keeper.event(Severity.WARNING, member.name(), "pack-failed", owes(failure));
                    return request;
                });
    }

    private CompletionStage<PackResult> packed(Member member, TransactionLog log, PackRequest request) {
        UnderWay pack = new UnderWay(member, log, new CompletableFuture<>());
        underWay = Optional.of(pack);
        membershipChanged(keeper.current());
        Timed.within(environment, options.answerDeadline(), Timed.ask(log::stats), "it did not tell its size")
                .thenCompose(stats -> Timed.within(
                        environment,
                        LEAST.plusSeconds(stats.bytes() / BYTES_PER_SECOND),
                        pack.answer().isDone() ? pack.answer() : Timed.ask(() -> log.pack(request)),
                        "its pack has not ended"))
                .whenComplete((result, failure) -> {
                    if (failure != null) {
                        pack.answer().completeExceptionally(Failures.cause(failure));
                    } else {
                        pack.answer().complete(result);
                    }
                });
        return pack.answer().whenComplete((result, failure) -> underWay = Optional.empty());
    }

    private void show(String phase, int done, int total) {
        status = Optional.of(new OperationStatus(
                "pack", phase, done, total, "members", 0, Optional.empty(), false, Optional.empty()));
    }
}

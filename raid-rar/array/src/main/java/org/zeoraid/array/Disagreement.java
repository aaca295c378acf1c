package org.zeoraid.array;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent.Severity;

/**
 * One member says that there is no such object, another one has it. Who knows of the later transaction that wrote the
 * object is right, for no member knows of one that never was; if both know the same, the one that cannot find it is
 * wrong. Members that are not packed alike may differ, and nobody is blamed; so both are asked once more, and what they say
 * counts only if no pack ended meanwhile.
 */
final class Disagreement<T> {

    private final DataPath path;
    private final Pace pace;
    private final ReadRace.Question<T> question;
    private final Oid oid;
    private final Seat lacking;
    private final Seat having;

    Disagreement(DataPath path, Pace pace, ReadRace.Question<T> question, Oid oid, Seat lacking, Seat having) {
        this.path = path;
        this.pace = pace;
        this.question = question;
        this.oid = oid;
        this.lacking = lacking;
        this.having = having;
    }

    /** What a member says, and how far it was packed before and afterwards. */
    private record Knowledge(Tid packedBefore, boolean lacks, Tid serial, Tid packedTo) {}

    /** Takes out who is wrong, and tells who is right. Never fails. */
    CompletionStage<Seat> rule() {
        return Survey.of(path, DataPath.Where.ASIDE, pace, List.of(lacking, having), this::ask)
                .handle((known, failure) -> right(known));
    }

    private CompletionStage<Knowledge> ask(TransactionLog log) {
        return log.packedTo().thenCompose(before -> question.ask(log)
                .handle(this::lacks)
                .thenCompose(Function.identity())
                .thenCompose(lacks -> log.serial(oid)
                        .thenCombine(log.packedTo(), (serial, after) -> new Knowledge(before, lacks, serial, after))));
    }

    private CompletionStage<Boolean> lacks(@Nullable T found, @Nullable Throwable failure) {
        if (failure == null) {
            return CompletableFuture.completedFuture(found == null || question.isNothing(found));
        }
        return Failures.cause(failure) instanceof ObjectNotFoundException
                ? CompletableFuture.completedFuture(true)
                : CompletableFuture.failedFuture(failure);
    }

    private Seat right(@Nullable Map<Seat, Knowledge> known) {
        Knowledge lacks = known == null ? null : known.get(lacking);
        Knowledge has = known == null ? null : known.get(having);
        if (lacks == null || has == null) {
            // One of them cannot even be asked any more. What was found was found.
            return having;
        }
        Tid acknowledged = path.lane().acknowledged();
        boolean underWay = lacks.serial().isAfter(acknowledged) || has.serial().isAfter(acknowledged);
        boolean packedAlike = lacks.packedTo().equals(has.packedTo())
                && lacks.packedBefore().equals(lacks.packedTo())
                && has.packedBefore().equals(has.packedTo());
        if (!packedAlike || underWay || !lacks.lacks() || has.lacks()) {
            return having;
        }
        boolean stale = lacks.serial().isAfter(has.serial());
        Seat wrong = stale ? having : lacking;
        String what = "object " + oid + ": member " + lacking + " says that there is none (last written by "
                + lacks.serial() + "), member " + having + " has it (last written by " + has.serial() + ")";
        path.keeper().event(Severity.ERROR, wrong.member().name(), "disagreement", what);
        String reason = (stale ? "it serves what was deleted since: " : "it has lost data: ") + what;
        path.lane().expelReader(wrong, reason, Seat.Fault.CONTENT);
        return stale ? lacking : having;
    }
}

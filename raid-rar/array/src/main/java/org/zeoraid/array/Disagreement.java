package org.zeoraid.array;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent.Severity;

/**
 * One member says that there is no such object, another one has it. Who knows of the later transaction that wrote the
 * object is right, for no member knows of one that never was; if both know the same, the one that cannot find it is
 * wrong. Members that are not packed alike may differ, and nobody is blamed.
 */
final class Disagreement<T> {

    private final DataPath path;
    private final Seat lacking;
    private final Seat having;
    private final ObjectNotFoundException notFound;
    private final CompletableFuture<T> answer;

    Disagreement(
            DataPath path, Seat lacking, Seat having, ObjectNotFoundException notFound, CompletableFuture<T> answer) {
        this.path = path;
        this.lacking = lacking;
        this.having = having;
        this.notFound = notFound;
        this.answer = answer;
    }

    private record Knowledge(Tid packedTo, Tid serial) {}

    void resolve(@Nullable T value) {
        CompletionStage<Knowledge> here = ask(lacking);
        CompletionStage<Knowledge> there = ask(having);
        here.thenCombine(there, (lacks, has) -> {
                    rule(lacks, has, value);
                    return value;
                })
                .whenComplete((v, failure) -> {
                    if (failure != null) {
                        // One of them cannot even be asked any more. What was found was found.
                        answer.complete(value);
                    }
                });
    }

    private static CompletionStage<Knowledge> ask(Seat seat, ObjectNotFoundException about) {
        return seat.log().packedTo().thenCombine(seat.log().serial(about.oid()), Knowledge::new);
    }

    private CompletionStage<Knowledge> ask(Seat seat) {
        try {
            return ask(seat, notFound);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void rule(Knowledge lacks, Knowledge has, @Nullable T value) {
        Tid acknowledged = path.lane().acknowledged();
        boolean underWay = lacks.serial().isAfter(acknowledged) || has.serial().isAfter(acknowledged);
        if (!lacks.packedTo().equals(has.packedTo()) || underWay) {
            answer.complete(value);
            return;
        }
        boolean stale = lacks.serial().isAfter(has.serial());
        Seat wrong = stale ? having : lacking;
        String what = "object " + notFound.oid() + ": member " + lacking + " says that there is none (last written by "
                + lacks.serial() + "), member " + having + " has it (last written by " + has.serial() + ")";
        path.keeper().event(Severity.ERROR, wrong.member().name(), "disagreement", what);
        String reason = (stale ? "it serves what was deleted since: " : "it has lost data: ") + what;
        path.lane().expelReader(wrong, reason, Seat.Fault.CONTENT);
        if (stale) {
            answer.completeExceptionally(notFound);
        } else {
            answer.complete(value);
        }
    }
}

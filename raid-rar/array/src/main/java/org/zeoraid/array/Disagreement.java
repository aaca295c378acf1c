package org.zeoraid.array;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent.Severity;

/**
 * One member says that there is no such object, another one has it. Who knows of the later transaction that wrote the
 * object is right, for no member knows of one that never was; if both know the same, the one that cannot find it is
 * wrong. Members that are not packed alike may differ, and nobody is blamed.
 */
final class Disagreement {

    private final DataPath path;
    private final Oid oid;
    private final Seat lacking;
    private final Seat having;

    Disagreement(DataPath path, Oid oid, Seat lacking, Seat having) {
        this.path = path;
        this.oid = oid;
        this.lacking = lacking;
        this.having = having;
    }

    private record Knowledge(Tid packedTo, Tid serial) {}

    /** Takes out who is wrong, and tells who is right. Never fails. */
    CompletionStage<Seat> rule() {
        return Survey.of(path, Pace.QUICK, List.of(lacking, having), log -> log.packedTo()
                        .thenCombine(log.serial(oid), Knowledge::new))
                .handle((known, failure) -> right(known));
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
        if (!lacks.packedTo().equals(has.packedTo()) || underWay) {
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

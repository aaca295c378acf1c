package org.zeoraid.array;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;

/** Finds up to where two logs say the same. Reads on the members' own workers. */
final class Comparison {

    /** What two logs have in common. */
    enum Relation {
        EQUAL,
        /** The second one ends where the first goes on. */
        SHORTER,
        /** The second one holds something that the first does not. */
        CONFLICT
    }

    /**
     * The result.
     *
     * @param lastCommon the last transaction that both have, the one before the start if there is none
     */
    record Outcome(Relation relation, Tid lastCommon) {}

    private Comparison() {}

    /**
     * Compares what two logs hold from a tid on, that included.
     *
     * @param before what is known to be common to both
     * @throws Reach.SideFailedException (in the stage) if one of the two cannot be read
     */
    static CompletionStage<Outcome> compare(Reach first, Reach second, Tid from, Tid before) {
        SideBySide walk = new SideBySide(new Side(first, from), new Side(second, from), before);
        return walk.next()
                .thenApply(found -> found.map(difference -> new Outcome(
                                difference.secondEnds() ? Relation.SHORTER : Relation.CONFLICT,
                                difference.lastCommon()))
                        .orElseGet(() -> new Outcome(Relation.EQUAL, walk.lastCommon())))
                .whenComplete((result, failure) -> walk.close());
    }

    /** A walk whose failures tell which of the two logs it was. */
    private static final class Side implements Cursor<TransactionDigest> {
        private final Reach reach;
        private final Cursor<TransactionDigest> cursor;

        Side(Reach reach, Tid from) {
            this.reach = reach;
            this.cursor = reach.walk(Duration.ZERO, () -> reach.log().digests(from, Tid.MAX));
        }

        @Override
        public CompletionStage<List<TransactionDigest>> next(long maxBytes) {
            return reach.nextAsSide(cursor, maxBytes);
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}

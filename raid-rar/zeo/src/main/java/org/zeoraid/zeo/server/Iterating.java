package org.zeoraid.zeo.server;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Message;

/** The methods that walk through the whole storage. */
final class Iterating {

    private Iterating() {}

    static void register(Method.Registry methods) {
        methods.add("iterator_start", (s, r, a) -> {
            Tid from = a.tidOr(0, Tid.NONE);
            Tid to = a.tidOr(1, Tid.MAX);
            s.answerAside(r, () -> s.iterators().overTransactions(from, to));
        });
        methods.add("iterator_next", Iterating::next);
        methods.add("iterator_record_start", (s, r, a) -> {
            long transactions = a.number(0);
            Tid tid = a.tid(1);
            s.answerAside(r, () -> s.iterators().overRecords(transactions, tid));
        });
        methods.add("iterator_record_next", Iterating::next);
        methods.add("iterator_gc", (s, r, a) -> {
            List<Long> ids = a.numbers(0);
            s.answerAside(r, () -> {
                s.iterators().drop(ids);
                return CompletableFuture.completedFuture(null);
            });
        });
        methods.add("record_iternext", (s, r, a) -> {
            Oid from = new Oid(a.tidOr(0, Tid.NONE).value());
            s.answerAside(r, () -> s.iterators().currentRecord(from));
        });
    }

    private static void next(Session session, Message request, Arguments arguments) {
        long id = arguments.number(0);
        session.answerAside(request, () -> session.iterators().next(id));
    }
}

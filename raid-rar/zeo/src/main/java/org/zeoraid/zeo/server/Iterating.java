package org.zeoraid.zeo.server;

import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** The methods that walk through the whole storage. */
final class Iterating {

    private Iterating() {}

    static void register(Method.Registry methods) {
        methods.add(
                "iterator_start",
                (s, r, a) -> s.reply(r, s.iterators().overTransactions(a.tidOr(0, Tid.NONE), a.tidOr(1, Tid.MAX))));
        methods.add("iterator_next", (s, r, a) -> s.answer(r, s.iterators().next(a.number(0))));
        methods.add(
                "iterator_record_start", (s, r, a) -> s.answer(r, s.iterators().overRecords(a.number(0), a.tid(1))));
        methods.add(
                "iterator_record_next", (s, r, a) -> s.answer(r, s.iterators().next(a.number(0))));
        methods.add("iterator_gc", (s, r, a) -> {
            s.iterators().drop(a.numbers(0));
            s.reply(r, null);
        });
        methods.add(
                "record_iternext",
                (s, r, a) -> s.answer(
                        r,
                        s.iterators().currentRecord(new Oid(a.tidOr(0, Tid.NONE).value()))));
    }
}

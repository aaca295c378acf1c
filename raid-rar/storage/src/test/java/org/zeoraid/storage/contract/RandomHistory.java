package org.zeoraid.storage.contract;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** Histories as they might be: changes, deletions, links to earlier data; equal for equal seeds. */
public final class RandomHistory {

    /** When a history begins. */
    static final Tid START = Tid.at(Instant.parse("2020-02-02T02:02:02Z"));

    private static final String PROPERTY = "contract.seed";

    private RandomHistory() {}

    /** A new seed, printed; or the one that the system property {@value #PROPERTY} names, to see a failure again. */
    public static long seed() {
        long seed = Long.getLong(PROPERTY, System.nanoTime());
        System.out.println("random test: -D" + PROPERTY + "=" + seed);
        return seed;
    }

    public static List<CommittedTransaction> of(long seed, int count) {
        return after(seed, START, count);
    }

    /** A history that is later than a tid and stands on nothing before it. */
    public static List<CommittedTransaction> after(long seed, Tid last, int count) {
        Random random = new Random(seed);
        record Origin(Tid tid, byte[] bytes) {}
        Map<Oid, List<Origin>> origins = new HashMap<>();
        List<CommittedTransaction> history = new ArrayList<>();
        Tid tid = last;
        for (int i = 0; i < count; i++) {
            tid = random.nextInt(4) == 0 ? tid.after() : new Tid(tid.value() + 1 + random.nextInt(1_000_000_000));
            Map<Oid, DataRecord> records = new LinkedHashMap<>();
            int changes = 1 + random.nextInt(6);
            for (int change = 0; change < changes; change++) {
                Oid oid = new Oid(random.nextInt(30));
                if (records.containsKey(oid)) {
                    continue;
                }
                List<Origin> earlier = origins.computeIfAbsent(oid, key -> new ArrayList<>());
                int kind = random.nextInt(10);
                if (kind == 0 && !earlier.isEmpty()) {
                    records.put(oid, new DataRecord(oid, Content.ABSENT));
                } else if (kind <= 2 && !earlier.isEmpty()) {
                    Origin origin = earlier.get(random.nextInt(earlier.size()));
                    records.put(oid, new DataRecord(oid, new Content.Link(origin.tid(), origin.bytes())));
                } else {
                    byte[] data = new byte[1 + random.nextInt(300)];
                    random.nextBytes(data);
                    records.put(oid, new DataRecord(oid, new Content.Data(data)));
                    earlier.add(new Origin(tid, data));
                }
            }
            TransactionMeta meta = TransactionMeta.of("user " + random.nextInt(3), "change " + i);
            TransactionHeader header = new TransactionHeader(tid, TransactionStatus.COMMITTED, meta, 0);
            history.add(CommittedTransaction.of(header, List.copyOf(records.values())));
        }
        return history;
    }
}

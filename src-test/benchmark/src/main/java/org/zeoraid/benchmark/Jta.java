package org.zeoraid.benchmark;

import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;

/** What a transaction manager (Narayana) and the resource adapter cost where an array is alone in a transaction. */
final class Jta {

    private static final int ROUNDS = 7;
    private static final long WARM_UP = 1_000;
    private static final long TIME = 3_000;
    private static final int OBJECTS = 10_000;
    private static final int LOADS = 100;

    private final Storage bare;
    private final XaArray array;
    private final TransactionManager transactions;

    /**
     * @param bare an array like the other, without an adapter
     * @param folder for the transaction manager's log
     */
    Jta(Storage bare, XaArray array, Path folder) {
        this.bare = bare;
        this.array = array;
        try {
            arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier("benchmark");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        arjPropertyManager.getObjectStoreEnvironmentBean().setObjectStoreDir(folder.toString());
        for (String name : List.of("communicationStore", "stateStore")) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name)
                    .setObjectStoreDir(folder.toString());
        }
        transactions = com.arjuna.ats.jta.TransactionManager.transactionManager();
    }

    void run() throws Exception {
        commits();
        loads();
    }

    private void commits() throws Exception {
        List<Runnable> own = List.of(new Work.Client(bare, 1, Xa.BYTES, 1)::commit);
        XaArray.User user = array.client();
        List<Runnable> managed = List.of(() -> inTransaction(user, user::change));
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Histogram alone = Work.measure(own, WARM_UP, TIME);
            Report.latency("commit, array of two", alone, TIME / 1e3);
            Histogram jta = Work.measure(managed, WARM_UP, TIME);
            Report.latency("commit in one phase, JTA, array of two", jta, TIME / 1e3);
            ratios.add(Commits.median(jta) / Commits.median(alone));
        }
        Report.ratio("JTA in one phase / array's own commit, median latency", Commits.middle(ratios), "at most 1.25");
    }

    private void loads() throws Exception {
        List<Oid> there = Work.fill(bare, OBJECTS, Xa.BYTES, 1000);
        SplittableRandom random = new SplittableRandom(1);
        List<Runnable> own = List.of(() -> {
            for (int i = 0; i < LOADS; i++) {
                Bed.await(bare.loadBefore(there.get(random.nextInt(OBJECTS)), Tid.MAX));
            }
        });
        XaArray.User user = array.client();
        List<Oid> here = fill(user);
        List<Runnable> managed = List.of(() -> inTransaction(user, () -> {
            try (RaidConnection handle = user.handle()) {
                for (int i = 0; i < LOADS; i++) {
                    handle.load(here.get(random.nextInt(OBJECTS)));
                }
            }
        }));
        List<Double> more = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Histogram alone = Work.measure(own, WARM_UP, TIME);
            Report.latency(LOADS + " loads, array of two", alone, TIME / 1e3);
            Histogram jta = Work.measure(managed, WARM_UP, TIME);
            Report.latency(LOADS + " loads in a transaction, JTA, array of two", jta, TIME / 1e3);
            more.add((Commits.median(jta) - Commits.median(alone)) / 1e6);
        }
        Report.ratio(
                LOADS + " loads in a transaction, on top of the array's own, ms", Commits.middle(more), "at most 0.3");
    }

    private List<Oid> fill(XaArray.User user) {
        List<Oid> oids = new ArrayList<>();
        inTransaction(user, () -> {
            try (RaidConnection handle = user.handle()) {
                for (Oid oid : handle.newOids(OBJECTS)) {
                    handle.store(oid, Tid.NONE, new byte[Xa.BYTES]);
                    oids.add(oid);
                }
            }
        });
        return oids;
    }

    /** What a server does for a method of a bean that works with one connection. */
    private void inTransaction(XaArray.User user, Runnable work) {
        try {
            transactions.begin();
            transactions.getTransaction().enlistResource(user.resource());
            work.run();
            transactions.commit();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

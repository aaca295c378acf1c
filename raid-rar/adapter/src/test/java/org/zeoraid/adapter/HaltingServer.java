package org.zeoraid.adapter;

import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.jta.common.JTAEnvironmentBean;
import com.arjuna.ats.jta.common.jtaPropertyManager;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.array.RaidArray;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.storage.seam.SystemEnvironment;

/** An array of three files, another resource, and Narayana, in a process that is halted at a point. */
final class HaltingServer {
    private static final String NODE = "crash-1";

    private final Path folder;
    private final HaltingPoints points;
    private final XAResource other;
    private final SystemEnvironment system = new SystemEnvironment("crash");
    private RaidArray array;
    private ServedArray served;

    /** @param other the second resource, as one that recovers sees it */
    HaltingServer(Path folder, HaltingPoints points, XAResource other) {
        this.folder = folder;
        this.points = points;
        this.other = other;
    }

    /** Opens the array, and recovers what an earlier process left. */
    void start() throws Exception {
        HaltingEnvironment environment = new HaltingEnvironment(system, points);
        RaidConfiguration configuration = RaidConfiguration.embedded(folder.resolve("data"));
        array = RaidArray.open(
                environment, () -> configuration.array("main").orElseThrow().in(environment));
        served = new ServedArray(
                array.storage(),
                array,
                array.serving(),
                array::close,
                BlobSpool.open(folder.resolve("blobs")),
                new Timeouts(environment),
                Duration.ZERO);
        if (!served.awaitServing(Duration.ofMinutes(5))) {
            throw new IllegalStateException("does not serve: " + array.status());
        }
        recover(setUpNarayana());
    }

    private RecoveryManager setUpNarayana() throws Exception {
        arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier(NODE);
        JTAEnvironmentBean jta = jtaPropertyManager.getJTAEnvironmentBean();
        jta.setOrphanSafetyInterval(1);
        jta.setXaResourceOrphanFilterClassNames(List.of(
                "com.arjuna.ats.internal.jta.recovery.arjunacore.JTATransactionLogXAResourceOrphanFilter",
                "com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter"));
        return Narayana.recovering(folder.resolve("store"), NODE, Narayana.helper(() ->
                new XAResource[] {session(connect()), points.around("file", other)}));
    }

    /** Until nothing is in doubt on either side; 30 s are allowed. */
    private void recover(RecoveryManager recovery) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        do {
            recovery.scan();
        } while (isInDoubt() && System.nanoTime() < deadline);
        if (isInDoubt()) {
            throw new IllegalStateException("in doubt after 30 s: array " + array.preparedBranches() + ", file "
                    + other.recover(XAResource.TMSTARTRSCAN).length);
        }
    }

    private boolean isInDoubt() throws XAException {
        return !array.preparedBranches().isEmpty() || other.recover(XAResource.TMSTARTRSCAN).length > 0;
    }

    RaidManagedConnection connect() {
        return new RaidManagedConnection(served, new RaidManagedConnectionFactory());
    }

    RaidConnection handle(RaidManagedConnection connection) {
        try {
            return (RaidConnection) connection.getConnection(null, null);
        } catch (jakarta.resource.ResourceException e) {
            throw new IllegalStateException(e);
        }
    }

    private XAResource session(RaidManagedConnection connection) {
        try {
            return points.around("array", connection.getXAResource());
        } catch (jakarta.resource.ResourceException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Begins a transaction of this thread in both resources. */
    TransactionManager begin(RaidManagedConnection connection, XAResource file) throws Exception {
        TransactionManager transactions = com.arjuna.ats.jta.TransactionManager.transactionManager();
        transactions.begin();
        transactions.getTransaction().enlistResource(session(connection));
        transactions.getTransaction().enlistResource(points.around("file", file));
        return transactions;
    }
}

package org.zeoraid.adapter;

import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.ats.arjuna.common.recoveryPropertyManager;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.arjuna.recovery.RecoveryModule;
import com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule;
import com.arjuna.ats.jta.common.JTAEnvironmentBean;
import com.arjuna.ats.jta.common.jtaPropertyManager;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.transaction.TransactionManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAResource;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.array.RaidArray;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.SystemEnvironment;

/**
 * A process with an array of three files, a file as the second resource, and Narayana, that first recovers what the one before it
 * left, says whether both sides agree, and then runs transactions until it is halted at the point that it is told.
 *
 * <p>Arguments: the folder; the name of the point; how often it is passed before the halt comes. Ends with {@link #AGREED} if it
 * has run through, {@link #HALTED} if it was halted, anything else if something is wrong.
 */
final class HaltingProcess {
    static final int AGREED = 0;
    static final int HALTED = 77;
    private static final int TRANSACTIONS = 4;
    private static final Oid OID = new Oid(1);

    private final Path folder;
    private final HaltingPoints points;
    private final SystemEnvironment system = new SystemEnvironment("crash");
    private final FileResource file;
    private RaidArray array;
    private ServedArray served;

    private HaltingProcess(Path folder, HaltingPoints points) {
        this.folder = folder;
        this.points = points;
        this.file = new FileResource(folder.resolve("file"));
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        HaltingPoints points = new HaltingPoints(arguments[1], Integer.parseInt(arguments[2]), folder);
        try {
            new HaltingProcess(folder, points).run();
        } catch (Throwable e) {
            e.printStackTrace();
            System.err.flush();
            Runtime.getRuntime().halt(1);
        }
        Runtime.getRuntime().halt(AGREED);
    }

    private void run() throws Exception {
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
        if (!served.awaitServing(Duration.ofSeconds(60))) {
            throw new IllegalStateException("does not serve: " + array.status());
        }
        RecoveryManager recovery = setUpNarayana();
        recover(recovery);
        agree();
        points.arm();
        for (int i = 0; i < TRANSACTIONS; i++) {
            work();
            agree();
        }
    }

    private RecoveryManager setUpNarayana() throws Exception {
        String store = folder.resolve("store").toString();
        arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier("crash-1");
        arjPropertyManager.getObjectStoreEnvironmentBean().setObjectStoreDir(store);
        for (String name : List.of("communicationStore", "stateStore")) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name)
                    .setObjectStoreDir(store);
        }
        arjPropertyManager.getCoordinatorEnvironmentBean().setTransactionStatusManagerEnable(false);
        JTAEnvironmentBean jta = jtaPropertyManager.getJTAEnvironmentBean();
        jta.setXaRecoveryNodes(List.of("crash-1"));
        jta.setOrphanSafetyInterval(1);
        jta.setXaResourceOrphanFilterClassNames(List.of(
                "com.arjuna.ats.internal.jta.recovery.arjunacore.JTATransactionLogXAResourceOrphanFilter",
                "com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter"));
        recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryBackoffPeriod(1);
        recoveryPropertyManager
                .getRecoveryEnvironmentBean()
                .setRecoveryModuleClassNames(List.of(
                        "com.arjuna.ats.internal.arjuna.recovery.AtomicActionRecoveryModule",
                        "com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule"));
        recoveryPropertyManager.getRecoveryEnvironmentBean().setExpiryScannerClassNames(List.of());
        RecoveryManager manager = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
        manager.initialize();
        for (RecoveryModule module : manager.getModules()) {
            if (module instanceof XARecoveryModule xa) {
                xa.addXAResourceRecoveryHelper(helper());
            }
        }
        return manager;
    }

    private XAResourceRecoveryHelper helper() {
        return new XAResourceRecoveryHelper() {
            @Override
            public boolean initialise(String parameters) {
                return true;
            }

            @Override
            public XAResource[] getXAResources() {
                return new XAResource[] {session(connect()), points.around("file", file)};
            }
        };
    }

    private RaidManagedConnection connect() {
        return new RaidManagedConnection(served, new RaidManagedConnectionFactory());
    }

    private XAResource session(RaidManagedConnection connection) {
        try {
            return points.around("array", connection.getXAResource());
        } catch (jakarta.resource.ResourceException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Until nothing is in doubt on either side; 30 s are allowed. */
    private void recover(RecoveryManager recovery) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        do {
            recovery.scan();
        } while (isInDoubt() && System.nanoTime() < deadline);
        if (isInDoubt()) {
            throw new IllegalStateException("in doubt after 30 s: array " + array.preparedBranches() + ", file "
                    + file.recover(XAResource.TMSTARTRSCAN).length);
        }
    }

    private boolean isInDoubt() {
        return !array.preparedBranches().isEmpty() || file.recover(XAResource.TMSTARTRSCAN).length > 0;
    }

    /** Both sides have the same, and it is not less than what was acknowledged. */
    private void agree() throws Exception {
        long here = value();
        long there = file.value();
        long acknowledged = acknowledged();
        if (here != there || here < acknowledged) {
            throw new IllegalStateException(
                    "the array has " + here + ", the file " + there + ", acknowledged was " + acknowledged);
        }
    }

    private long value() throws Exception {
        RaidConnection connection = (RaidConnection) connect().getConnection(null, null);
        try {
            return Long.parseLong(MemoryArray.text(connection.load(OID).data()));
        } catch (ObjectNotFoundException e) {
            return 0;
        }
    }

    private Path acknowledgements() {
        return folder.resolve("acknowledged");
    }

    private long acknowledged() throws Exception {
        Path file = acknowledgements();
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private void work() throws Exception {
        TransactionManager transactions = com.arjuna.ats.jta.TransactionManager.transactionManager();
        long next = file.value() + 1;
        transactions.begin();
        RaidManagedConnection managed = connect();
        transactions.getTransaction().enlistResource(session(managed));
        transactions.getTransaction().enlistResource(points.around("file", file));
        RaidConnection connection = (RaidConnection) managed.getConnection(null, null);
        Tid based = Tid.NONE;
        try {
            based = connection.load(OID).serial();
        } catch (ObjectNotFoundException e) {
            // The first transaction creates it.
        }
        connection.store(OID, based, MemoryArray.bytes(Long.toString(next)));
        file.write(next);
        points.pass("work done");
        transactions.commit();
        while (acknowledged() < next) {
            Files.write(acknowledgements(), new byte[1], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        points.pass("acknowledged");
    }
}

package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.XA_OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.array.RaidArray;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Branches of an array whose journal has a copy on a disk that hangs: the threads that write there really do. */
class HangingFolderTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    /** Nobody is to wait as long as an admin would. */
    private static final int HASTE = 20;

    @TempDir
    Path folder;

    private final SystemEnvironment system = new SystemEnvironment();
    private final CountDownLatch healed = new CountDownLatch(1);
    private volatile String hanging = "none";
    private volatile boolean hangs;

    @AfterEach
    void end() {
        healed.countDown();
        system.close();
    }

    @Test
    void itHoldsUpNeitherBranchesNorTheEnd() throws Exception {
        Xid before = new TestXid("t1", "b");
        Xid meanwhile = new TestXid("t2", "b");
        RaidArray array = open(hurried());
        ServedArray served = serve(array);
        prepare(served, before);
        hanging = "b";

        CompletableFuture<Integer> prepared = CompletableFuture.supplyAsync(() -> prepare(served, meanwhile));
        assertThat(prepared).succeedsWithin(LONG).isEqualTo(XA_OK);
        await().atMost(LONG).until(() -> hangs);
        assertThat(CompletableFuture.runAsync(array::close)).succeedsWithin(LONG);
        assertThat(healed.getCount()).isEqualTo(1);

        healed.countDown();
        hanging = "none";
        try (RaidArray again = open(system)) {
            XAResource xa = connect(serve(again)).getXAResource();
            assertThat(xa.recover(TMSTARTRSCAN)).hasSize(2);
            xa.commit(before, false);
            xa.rollback(meanwhile);
        }
    }

    private RaidArray open(Environment environment) {
        RaidConfiguration configuration = RaidConfiguration.embedded(folder.resolve("data"));
        return RaidArray.open(
                environment, () -> configuration.array("main").orElseThrow().in(environment));
    }

    private ServedArray serve(RaidArray array) {
        ServedArray served = new ServedArray(
                array.storage(),
                array,
                array.serving(),
                array::close,
                BlobSpool.open(folder.resolve("blobs")),
                new Timeouts(system),
                Duration.ZERO);
        assertThat(served.awaitServing(LONG)).isTrue();
        return served;
    }

    private static RaidManagedConnection connect(ServedArray served) {
        return new RaidManagedConnection(served, new RaidManagedConnectionFactory());
    }

    private static int prepare(ServedArray served, Xid xid) {
        try {
            RaidManagedConnection managed = connect(served);
            XAResource xa = managed.getXAResource();
            xa.start(xid, TMNOFLAGS);
            ((RaidConnection) managed.getConnection(null, null)).create(bytes("work"));
            xa.end(xid, TMSUCCESS);
            return xa.prepare(xid);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    // The disk.

    private interface Call {
        Object make(String method, Object[] arguments) throws Throwable;
    }

    private static <T> T around(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> call.make(method.getName(), arguments)));
    }

    private static Object call(Class<?> type, Object target, String name, Object[] arguments) throws Throwable {
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name)
                    && method.getParameterCount() == (arguments == null ? 0 : arguments.length)) {
                try {
                    return method.invoke(target, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }
        }
        throw new AssertionError(name);
    }

    /** An environment in a hurry, with a disk for each folder. */
    private Environment hurried() {
        Disk disk = around(Disk.class, (name, arguments) -> {
            if (name.equals("device")) {
                return arguments[0];
            }
            Object answer = call(Disk.class, system.disk(), name, arguments);
            return name.equals("open") ? watched((Path) arguments[0], (DiskFile) answer) : answer;
        });
        return around(Environment.class, (name, arguments) -> switch (name) {
            case "disk" -> disk;
            case "schedule" -> system.schedule(((Duration) arguments[0]).dividedBy(HASTE), (Runnable) arguments[1]);
            default -> call(Environment.class, system, name, arguments);
        });
    }

    private DiskFile watched(Path path, DiskFile file) {
        boolean isJournal = String.valueOf(path.getFileName()).startsWith("raid.prepared");
        return around(DiskFile.class, (name, arguments) -> {
            if (name.equals("sync")
                    && isJournal
                    && path.endsWith(Path.of(hanging, String.valueOf(path.getFileName())))) {
                hangs = true;
                healed.await();
            }
            return call(DiskFile.class, file, name, arguments);
        });
    }
}

package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;

import jakarta.resource.ResourceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.ObjectName;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.admin.ArrayState;

/** Servers that deploy the adapter, start and stop it time and again, and undeploy it: nothing of it may be left. */
class RestartTest {
    private static final int DEPLOYMENTS = 4;
    private static final int CYCLES = 5;

    @TempDir
    Path folder;

    @Test
    void nothingIsLeftOfAnAdapterThatWasStartedAndStopped() throws Exception {
        Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
        Set<ObjectName> beansBefore = beans();
        // The servers' threads, which live on.
        ExecutorService servers = Executors.newFixedThreadPool(DEPLOYMENTS);
        try {
            Set<Thread> workers = new HashSet<>();
            List<WeakReference<ClassLoader>> deployed = IntStream.range(0, DEPLOYMENTS)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> {
                                synchronized (workers) {
                                    workers.add(Thread.currentThread());
                                }
                                return deployStartAndStop(folder.resolve("server-" + i));
                            },
                            servers))
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .toList();

            assertThat(beans()).isEqualTo(beansBefore);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(openFiles()).isEmpty());
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                            .filteredOn(thread -> !threadsBefore.contains(thread) && !workers.contains(thread))
                            .noneMatch(thread -> thread.getName().matches("(raid|zeo|globalEventExecutor|nio|multi).*")
                                    || thread.getContextClassLoader() instanceof Rar));
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                forgetLastRecord();
                System.gc();
                return deployed.stream().allMatch(loader -> loader.get() == null);
            });
        } finally {
            servers.shutdown();
        }
    }

    private static WeakReference<ClassLoader> deployStartAndStop(Path data) {
        ClassLoader usual = Thread.currentThread().getContextClassLoader();
        ClassLoader rar = new Rar(usual);
        Thread.currentThread().setContextClassLoader(rar);
        try {
            @SuppressWarnings("unchecked")
            Consumer<Path> cycle = (Consumer<Path>) rar.loadClass(Cycle.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            assertThat(cycle.getClass()).isNotEqualTo(Cycle.class);
            for (int i = 0; i < CYCLES; i++) {
                cycle.accept(data);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        } finally {
            Thread.currentThread().setContextClassLoader(usual);
        }
        return new WeakReference<>(rar);
    }

    private static Set<ObjectName> beans() {
        return ManagementFactory.getPlatformMBeanServer().queryNames(null, null);
    }

    /** Those of the adapters, where the system tells. */
    private List<Path> openFiles() throws IOException {
        Path mine = Path.of("/proc/self/fd");
        if (!Files.isDirectory(mine)) {
            return List.of();
        }
        try (Stream<Path> descriptors = Files.list(mine)) {
            return descriptors
                    .map(RestartTest::target)
                    .filter(file -> file.startsWith(folder))
                    .toList();
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return link; // closed meanwhile
        }
    }

    /** Java 17 remembers the class of a component of the last record that was compared: let that be one of ours. */
    private static void forgetLastRecord() {
        record Last(RestartTest component) {}
        RestartTest component = new RestartTest();
        assertThat(new Last(component)).isEqualTo(new Last(component)).hasSameHashCodeAs(new Last(component));
    }

    /**
     * Starts an adapter, and one with a member over ZEO that the first one serves; commits in one phase and in two; stops both. A
     * lock that was left would keep the next start from serving.
     */
    public static final class Cycle implements Consumer<Path> {
        private static final String SERVER = """
            <raidstorage main>
              <filestorage a>
                path Data.fs
              </filestorage>
            </raidstorage>
            <zeo>
              address ./zeo.socket
            </zeo>
            """;
        private static final String CLIENT = """
            <raidstorage main>
              <filestorage here>
                path Data.fs
              </filestorage>
              <zeoclient server>
                server ../server/zeo.socket
              </zeoclient>
            </raidstorage>
            """;

        @Override
        public void accept(Path data) {
            RaidResourceAdapter server = configured(data.resolve("server"), SERVER);
            RaidResourceAdapter client = configured(data.resolve("client"), CLIENT);
            try {
                server.start(null);
                client.start(null);
                commit(client);
                client.stop();
                server.stop();
            } catch (ResourceException | XAException e) {
                throw new IllegalStateException(e);
            }
        }

        private static RaidResourceAdapter configured(Path data, String text) {
            RaidResourceAdapter adapter = new RaidResourceAdapter();
            adapter.setStartSeconds(120);
            try {
                Path file = Files.createDirectories(data).resolve("raid.conf");
                adapter.setConfigFile(Files.writeString(file, text).toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return adapter;
        }

        private static void commit(RaidResourceAdapter adapter) throws ResourceException, XAException {
            assertThat(adapter.administration("main").status().state()).isEqualTo(ArrayState.OPTIMAL);
            RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
            factory.setResourceAdapter(adapter);
            RaidManagedConnection managed = (RaidManagedConnection) factory.createManagedConnection(null, null);
            try (RaidConnection connection = (RaidConnection) managed.getConnection(null, null)) {
                connection.load(connection.create(bytes("one phase")));
                Xid xid = new TestXid("t", connection.lastTid().toString());
                XAResource xa = managed.getXAResource();
                xa.setTransactionTimeout(60);
                xa.start(xid, XAResource.TMNOFLAGS);
                connection.create(bytes("two phases"));
                xa.end(xid, XAResource.TMSUCCESS);
                xa.prepare(xid);
                xa.commit(xid, false);
            }
            managed.destroy();
        }
    }

    /** Has classes of its own for all that the adapter's archive brings along. */
    private static final class Rar extends ClassLoader {
        Rar(ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (Stream.of("org.zeoraid.", "io.netty.").noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}

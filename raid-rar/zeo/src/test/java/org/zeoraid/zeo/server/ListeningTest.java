package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Tid;

/** Where a server listens, what it says before anybody registers, and that nothing of it is left. */
class ListeningTest {

    @TempDir
    Path folder;

    @Test
    void unixSocketsAndIpv6ServeTheSameStorage() throws IOException {
        try (Served served = new Served(folder, options -> options)) {
            UnixDomainSocketAddress unix = UnixDomainSocketAddress.of(folder.resolve("zeo.sock"));
            served.server.listen(unix);
            try (Peer peer = Peer.registered(unix)) {
                peer.commit(1, Tid.NONE, new byte[] {1});
            }
            if (hasIpv6()) {
                InetSocketAddress six = (InetSocketAddress)
                        served.server.listen(new InetSocketAddress(InetAddress.getByName("::1"), 0));
                try (Peer peer = Peer.registered(six)) {
                    assertThat((byte[]) peer.load(1).get(0)).isEqualTo(new byte[] {1});
                }
            }
        }
        assertThat(folder.resolve("zeo.sock")).doesNotExist();
    }

    private static boolean hasIpv6() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aSocketFileThatACrashLeftBehindIsReplaced() throws IOException {
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of(folder.resolve("zeo.sock"));
        try (var stale = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            stale.bind(unix);
        }
        assumeThat(Files.exists(unix.getPath())).isTrue();
        try (Served served = new Served(folder, options -> options)) {
            served.server.listen(unix);
            try (Peer peer = Peer.registered(unix)) {
                peer.call("ping");
            }
        }
    }

    @Test
    void whoAsksBeforeTheHandshakeWhetherAllIsWellGetsAsciiJson() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer writer = Peer.registered(served.address);
                Peer nagios = Peer.connect(served.address, 'M')) {
            Tid tid = writer.commit(1, Tid.NONE, new byte[] {1});
            // A step of a transaction waits until the one before has been seen to whole.
            writer.call("tpc_abort", 8L);
            nagios.sendBytes("ruok".getBytes(StandardCharsets.US_ASCII));

            assertThat(nagios.receiveBytes()).hasSize(2);
            assertThat(new String(nagios.receiveBytes(), StandardCharsets.US_ASCII))
                    .startsWith("{\"1\": {\"connections\": 1,")
                    .contains(
                            "\"commits\": 1",
                            "\"stores\": 1",
                            "\"active_txns\": 0",
                            "\"waiting\": 0",
                            "\"aborts\": 0",
                            "\"conflicts\": 0",
                            "\"conflicts_resolved\": 0",
                            "\"lock_time\": null",
                            "\"last-transaction\": \"" + tid + "\"");
            assertThat(nagios.isDisconnected()).isTrue();
        }
    }

    @Test
    void noThreadIsLeftAfterClosing() throws IOException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (Served served = new Served(folder, options -> options);
                Peer peer = Peer.registered(served.address)) {
            peer.commit(1, Tid.NONE, new byte[] {1});
            peer.call("undoLog", 0L, -20L);
            assertThat(threadsBut(before)).anyMatch(name -> name.startsWith("zeo-server"));
            served.server.close();

            assertThat(peer.isDisconnected()).isTrue();
        }
        assertThat(threadsBut(before)).noneMatch(ListeningTest::isOfServer);
    }

    /** It is tried again and again, as the configuration may be put right. */
    @Test
    void nothingIsLeftOpenWhereAServerCannotBeStarted() throws IOException {
        int attempts = 20;
        Path file = Files.createFile(folder.resolve("file"));
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before = system.getOpenFileDescriptorCount();
        for (int i = 0; i < attempts; i++) {
            assertThatThrownBy(() -> new Served(folder, options -> options, storage -> Offering.of(storage)
                            .withSharedBlobs(file)))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        await().until(() -> system.getOpenFileDescriptorCount() < before + attempts);
    }

    private static boolean isOfServer(String thread) {
        return thread.startsWith("zeo-")
                || thread.startsWith("globalEventExecutor")
                || thread.contains("ObjectCleaner");
    }

    /** Other tests' may be on their way to their end. */
    private static List<String> threadsBut(Set<Thread> others) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !others.contains(thread))
                .map(Thread::getName)
                .toList();
    }
}

package org.zeoraid.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;

@Timeout(60)
class ZeoListenersTest {

    private static final String ARRAY = """
            <raidstorage main>
              <mappingstorage a/>
              <mappingstorage b/>
            </raidstorage>
            """;

    @TempDir
    Path folder;

    @Test
    void everyAddressOfEverySectionIsServed() throws Exception {
        List<String> plain = hasIpv6()
                ? List.of("127.0.0.1:0", "sockets/zeo.sock", "[::1]:0")
                : List.of("127.0.0.1:0", "sockets/zeo.sock");
        RaidConfiguration configuration = parse("<zeo>\n"
                + plain.stream().map(address -> "address " + address + "\n").collect(Collectors.joining())
                + "</zeo>\n<zeo>\naddress localhost:0\nmsgpack on\n</zeo>\n"
                + ARRAY);
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            assertThat(listeners.failures()).isEmpty();
            List<SocketAddress> addresses = listeners.addresses();
            assertThat(addresses).hasSize(plain.size() + 1);
            for (SocketAddress address : addresses.subList(0, plain.size())) {
                assertThat(greeting(address)).isEqualTo("Z5");
            }
            assertThat(greeting(addresses.get(plain.size()))).isEqualTo("M5");
        }
        assertThat(folder.resolve("sockets/zeo.sock")).doesNotExist();
    }

    private static boolean hasIpv6() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("::1", 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void anAddressThatIsTakenIsAWarningAndAnEventAndIsServedOnceItIsFree() throws Exception {
        ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        int port = other.getLocalPort();
        RaidConfiguration configuration =
                parse("<zeo>\naddress 127.0.0.1:" + port + "\naddress ./zeo.sock\n</zeo>\n" + ARRAY);
        try (other;
                ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            ConfiguredArray main = arrays.array("main").orElseThrow();
            await().until(() -> main.administration().status().state() == ArrayState.OPTIMAL);
            assertThat(greeting(UnixDomainSocketAddress.of(folder.resolve("zeo.sock"))))
                    .isEqualTo("Z5");
            assertThat(listeners.failures())
                    .singleElement()
                    .asString()
                    .startsWith("ZEO clients are not served at 127.0.0.1:" + port + ": ");
            assertThat(events(main, "zeo-not-serving"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.severity()).isEqualTo(ArrayEvent.Severity.WARNING))
                    .satisfies(event -> assertThat(event.text()).contains("127.0.0.1:" + port));

            other.close();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> listeners.failures().isEmpty());
            assertThat(greeting(new InetSocketAddress("127.0.0.1", port))).isEqualTo("Z5");
            assertThat(events(main, "zeo-serving")).hasSize(1);
        }
    }

    @Test
    void certificatesThatCannotBeReadAreTheSameAsAnAddressThatIsTaken() {
        RaidConfiguration configuration = parse("""
                <zeo>
                  address 127.0.0.1:0
                  <ssl>
                    certificate nowhere.pem
                    authenticate SIGNED
                  </ssl>
                </zeo>
                """ + ARRAY);
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            assertThat(listeners.addresses()).isEmpty();
            assertThat(listeners.failures()).singleElement().asString().contains("nowhere.pem");
        }
    }

    @Test
    void closingLeavesNoThreadAndFreesTheAddresses() throws Exception {
        RaidConfiguration configuration = parse("<zeo>\naddress 127.0.0.1:0\n</zeo>\n" + ARRAY);
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        int port;
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            port = ((InetSocketAddress) listeners.addresses().get(0)).getPort();
            greeting(listeners.addresses().get(0));
        }

        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
        // One that has closed itself may be about to end.
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !before.contains(thread) && thread.isAlive())
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("zeo") || name.startsWith("global") || name.startsWith("nio")))
                .isEmpty());
    }

    @Test
    void theProcessIdIsInItsFileAsLongAsItIsServed() throws Exception {
        RaidConfiguration configuration =
                parse("<zeo>\naddress 127.0.0.1:0\npid-filename var/ZEO.pid\n</zeo>\n" + ARRAY);
        Path file = folder.resolve("var/ZEO.pid");
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            assertThat(listeners.failures()).isEmpty();
            assertThat(file).hasContent(ProcessHandle.current().pid() + "\n");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void whereNothingIsToBeServedNothingListens() {
        RaidConfiguration configuration = parse(ARRAY);
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            assertThat(listeners.addresses()).isEmpty();
            assertThat(listeners.failures()).isEmpty();
        }
    }

    private static List<ArrayEvent> events(ConfiguredArray array, String kind) {
        return array.administration().events(0, 1000).stream()
                .filter(event -> event.kind().equals(kind))
                .toList();
    }

    /** What a ZEO server says first. */
    private static String greeting(SocketAddress address) throws IOException {
        if (address instanceof UnixDomainSocketAddress) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(address);
                return frame(new DataInputStream(Channels.newInputStream(channel)));
            }
        }
        InetSocketAddress inet = (InetSocketAddress) address;
        try (Socket socket = new Socket(inet.getAddress(), inet.getPort())) {
            return frame(new DataInputStream(socket.getInputStream()));
        }
    }

    private static String frame(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, ISO_8859_1);
    }

    private RaidConfiguration parse(String text) {
        Path file = folder.resolve("zeo.conf");
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return RaidConfiguration.parse(file);
    }
}

package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.server.Tls.Clients;

class TlsTest {

    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    static Path keys;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeKeys() throws Exception {
        make("server", "RSA");
        make("client", "EC");
        make("stranger", "EC");
    }

    private static void make(String name, String algorithm) throws Exception {
        Path store = keys.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(1, TimeUnit.MINUTES) && keytool.exitValue() == 0)
                .isTrue();
        KeyStore loaded = load(name);
        byte[] key = loaded.getKey(name, PASSWORD).getEncoded();
        Files.writeString(keys.resolve(name + ".key"), pem("PRIVATE KEY", key));
        Files.writeString(
                keys.resolve(name + ".pem"),
                "a comment\n" + pem("CERTIFICATE", loaded.getCertificate(name).getEncoded()));
        if (algorithm.equals("RSA")) {
            // The older form: what PKCS #8 wraps, behind 26 bytes.
            Files.writeString(
                    keys.resolve(name + ".rsa"), pem("RSA PRIVATE KEY", Arrays.copyOfRange(key, 26, key.length)));
        }
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    private static KeyStore load(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys.resolve(name + ".p12"))) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static SSLSocket socket(Served served, String client, String... protocols) throws Exception {
        InetSocketAddress address = (InetSocketAddress) served.address;
        SSLSocket socket = (SSLSocket) sockets(client).createSocket(address.getAddress(), address.getPort());
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        return socket;
    }

    private static SSLSocketFactory sockets(String client) throws Exception {
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(load(client), PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", load("server").getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private Served serve(Path key, Clients clients) {
        return new Served(
                folder, options -> options.tls(Optional.of(new Tls(keys.resolve("server.pem"), key, clients))));
    }

    @Test
    void aKnownClientIsServedOverBothVersions() throws Exception {
        try (Served served = serve(keys.resolve("server.key"), new Clients.Known(keys.resolve("client.pem")))) {
            for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
                try (Peer peer =
                        Peer.over(socket(served, "client", version), 'M').shakeHands()) {
                    peer.call("register", "1", false);
                    peer.commit(version.hashCode(), Tid.NONE, new byte[1 << 20]);
                    assertThat((byte[]) peer.load(version.hashCode()).get(0)).hasSize(1 << 20);
                }
            }
        }
    }

    @Test
    void aClientThatLeavesIsToldSo() throws Exception {
        try (Served served = serve(keys.resolve("server.key"), new Clients.Known(keys.resolve("client.pem")));
                Socket plain = new Socket()) {
            plain.connect(served.address);
            // What ends the encryption leaves the connection below as it is.
            SSLSocket socket = (SSLSocket) sockets("client").createSocket(plain, "localhost", plain.getPort(), false);
            Peer peer = Peer.over(socket, 'M').shakeHands();
            peer.call("register", "1", false);

            socket.shutdownOutput();

            assertThat(peer.isDisconnected()).isTrue();
        }
    }

    @Test
    void certificatesOfAFolderAndAnOlderKeyDoToo() throws Exception {
        Path known = Files.createDirectory(folder.resolve("known"));
        Files.copy(keys.resolve("client.pem"), known.resolve("one.pem"));
        Files.writeString(known.resolve("README"), "no certificate");
        try (Served served = serve(keys.resolve("server.rsa"), new Clients.Known(known));
                Peer peer = Peer.over(socket(served, "client"), 'M').shakeHands()) {
            peer.call("register", "1", false);
        }
    }

    @Test
    void strangersAndPlainConnectionsAreNotServed() throws Exception {
        try (Served served = serve(keys.resolve("server.key"), new Clients.Known(keys.resolve("client.pem")))) {
            assertThatThrownBy(() -> Peer.over(socket(served, "stranger"), 'M').shakeHands())
                    .isInstanceOf(IOException.class);
            try (Peer plain = Peer.connect(served.address, 'M')) {
                plain.write(new byte[] {0, 0, 0, 2, 'M', '5'});
                assertThat(plain.isDisconnected()).isTrue();
            }
        }
    }

    @Test
    void aCertificateThatNoAuthoritySignedIsRefusedWhereThatIsAsked() {
        try (Served served = serve(keys.resolve("server.key"), new Clients.Signed())) {
            assertThatThrownBy(() -> Peer.over(socket(served, "client"), 'M').shakeHands())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileThatIsNoneIsNamed() throws IOException {
        Path nothing = Files.writeString(folder.resolve("nothing.pem"), "nothing");
        assertThatThrownBy(() -> serve(nothing, new Clients.Signed()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing.pem");
        assertThatThrownBy(() -> serve(keys.resolve("server.key"), new Clients.Known(folder.resolve("missing"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing");
    }
}

package org.zeoraid.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a process that only talks like a server. */
class LauncherTest {
    @TempDir
    Path folder;

    @Test
    void aServerThatCouldNotBeSetUpIsNotCalledUp() throws Exception {
        Path server = jar();
        int port;
        try (ServerSocket probe = new ServerSocket(0)) {
            port = probe.getLocalPort();
        }

        assertThatThrownBy(() -> Launcher.main(
                        "--server=" + server,
                        "--rar=" + server,
                        "--data=" + folder.resolve("data"),
                        "--libs=" + server,
                        "--http-port=" + port))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("create-connector-resource")
                .hasMessageContaining("no such pool");

        assertThat(Files.readAllLines(folder.resolve("data/server/arguments")))
                .containsSequence("--addlibs", server.toString());
        assertThat(folder.resolve("data/launcher.lock")).isEmptyFile();
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    private Path jar() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FakeServer.class.getName());
        Path jar = folder.resolve("server.jar");
        String name = FakeServer.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream code = FakeServer.class.getClassLoader().getResourceAsStream(name)) {
            out.putNextEntry(new JarEntry(name));
            code.transferTo(out);
        }
        return jar;
    }
}

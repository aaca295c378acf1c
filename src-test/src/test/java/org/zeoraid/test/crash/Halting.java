package org.zeoraid.test.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import net.bytebuddy.asm.Advice;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.halting.HaltingAgent;
import org.zeoraid.test.halting.HaltingPoints;

/** Says where a server is to be halted; see {@link HaltingPoints}. */
final class Halting {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PayaraMicro server;
    private final Path folder;

    /** Gives a server the agent, before it is started. */
    Halting(PayaraMicro server) throws IOException {
        this.server = server;
        this.folder = Files.createDirectories(server.data().resolveSibling("halting"));
        Path jar = folder.resolve("agent.jar");
        ShrinkWrap.create(JavaArchive.class)
                .addPackage(HaltingAgent.class.getPackage())
                .setManifest(new StringAsset("Premain-Class: " + HaltingAgent.class.getName() + "\nClass-Path: "
                        + Advice.class.getProtectionDomain().getCodeSource().getLocation() + "\n"))
                .as(ZipExporter.class)
                .exportTo(jar.toFile(), true);
        server.withJvmOption("-javaagent:" + jar + "=" + folder);
    }

    /** Has it halted when it next comes to a point, and waits for that. */
    void haltAt(String point) {
        set(point);
        await("a halt " + point).atMost(PATIENCE).until(() -> !server.isAlive());
        reset(point);
    }

    /** From now on something is so: a point is where it is to be halted, a disk is to fail. */
    void set(String what) {
        try {
            Files.createFile(folder.resolve(what));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void reset(String what) {
        try {
            Files.deleteIfExists(folder.resolve(what));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.zeoraid.raidctl.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;
import org.zeoraid.raidctl.Await;
import org.zeoraid.raidctl.Cli;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Three servers as processes, one array over them in a fourth, clients in front, and servers that are killed. */
class EndToEndIT {

    private static final List<String> MEMBERS = List.of("a", "b", "c");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** How long a member may be silent where nothing is configured. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void serversAreKilledInTurnUnderLoadAndNothingIsLost() throws Exception {
        Map<String, RaidctlProcess> servers = new LinkedHashMap<>();
        Map<Tid, String> acknowledged;
        try {
            Map<String, Path> configurations = new LinkedHashMap<>();
            Map<String, String> addresses = new LinkedHashMap<>();
            for (String member : MEMBERS) {
                // One over TCP, the others over sockets.
                String address = member.equals("a")
                        ? "127.0.0.1:" + freePort()
                        : folder.resolve(member + ".sock").toString();
                addresses.put(member, address);
                configurations.put(member, memberServer(member, address));
                servers.put(member, RaidctlProcess.serve(configurations.get(member)));
            }
            int port = freePort();
            try (RaidctlProcess front = RaidctlProcess.serve(arrayServer(addresses, port))) {
                awaitState("optimal", port);
                try (Load load = new Load(2, new InetSocketAddress("127.0.0.1", port), "main")) {
                    awaitCommits(load, 30);
                    for (String victim : MEMBERS) {
                        servers.get(victim).kill();
                        awaitState("degraded", port);
                        awaitCommits(load, 30);

                        servers.put(victim, RaidctlProcess.serve(configurations.get(victim)));
                        awaitState("optimal", port);
                        awaitCommits(load, 20);
                    }
                    load.stop();
                    acknowledged = load.acknowledged();
                    assertThat(load.longest())
                            .as("a server that is killed is missed at once, not only when it has been silent for long")
                            .isLessThan(SILENCE);
                }
                assertThat(front.terminate()).as(front.err()).isZero();
            }
            servers.values()
                    .forEach(server ->
                            assertThat(server.terminate()).as(server.err()).isZero());
        } finally {
            servers.values().forEach(RaidctlProcess::close);
        }
        assertThat(acknowledged).hasSizeGreaterThan(150);
        List<Seen> first = records("a");
        assertThat(first.stream().map(Seen::tid)).containsAll(acknowledged.keySet());
        first.forEach(seen -> assertThat(seen.description()).isEqualTo(acknowledged.get(seen.tid())));
        assertThat(records("b")).isEqualTo(first);
        assertThat(records("c")).isEqualTo(first);
    }

    private void awaitCommits(Load load, int more) {
        int before = load.commits();
        await("that clients commit").atMost(PATIENCE).until(() -> load.hasFailed() || load.commits() >= before + more);
        if (load.hasFailed()) {
            assertThatCode(load::stop).as("what a client met").doesNotThrowAnyException();
        }
    }

    private static void awaitState(String state, int port) {
        try {
            await("that the array is " + state)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> ask("status", port).out().startsWith("array main is " + state));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    e.getMessage() + "\n" + ask("details", port).out()
                            + ask("events", port).out(),
                    e);
        }
    }

    private static Cli.Answer ask(String command, int port) {
        return Cli.run(command, "-H", "127.0.0.1", "-p", port, "-S", "main");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Path memberServer(String member, String address) throws IOException {
        return Files.writeString(
                Files.createDirectories(folder.resolve(member)).resolve("zeo.conf"), """
                <zeo>
                  address %s
                </zeo>
                <raidstorage main>
                  <filestorage only>
                    path Data/Data.fs
                  </filestorage>
                </raidstorage>
                """.formatted(address));
    }

    private Path arrayServer(Map<String, String> addresses, int port) throws IOException {
        StringBuilder members = new StringBuilder();
        addresses.forEach((member, address) -> members.append("""
                  <zeoclient %s>
                    server %s
                    storage main
                  </zeoclient>
                """.formatted(member, address)));
        return Files.writeString(
                Files.createDirectories(folder.resolve("front")).resolve("zeo.conf"),
                "<zeo>\n  address 127.0.0.1:" + port + "\n</zeo>\n<raidstorage main>\n" + members + "</raidstorage>\n");
    }

    /** A transaction of a file, records and all. */
    private record Seen(Tid tid, String description, List<String> records) {}

    private List<Seen> records(String member) {
        Path file = folder.resolve(member).resolve("Data/Data.fs");
        FileOptions options = FileOptions.of(member, file).withAccess(FileOptions.Access.READ_ONLY);
        List<Seen> all = new ArrayList<>();
        try (SystemEnvironment environment = new SystemEnvironment();
                TransactionLog log = Await.answer(new FileMember(options, environment).open());
                Cursor<CommittedTransaction> cursor = log.transactions(Tid.NONE, Tid.MAX)) {
            List<CommittedTransaction> batch = Await.answer(cursor.next(1 << 20));
            while (!batch.isEmpty()) {
                for (CommittedTransaction transaction : batch) {
                    List<String> records = new ArrayList<>();
                    for (DataRecord entry : transaction.records()) {
                        records.add(entry.oid() + " "
                                + entry.data().map(Arrays::hashCode).orElse(0));
                    }
                    all.add(new Seen(
                            transaction.tid(), transaction.header().meta().descriptionText(), records));
                }
                batch = Await.answer(cursor.next(1 << 20));
            }
        }
        return all;
    }
}

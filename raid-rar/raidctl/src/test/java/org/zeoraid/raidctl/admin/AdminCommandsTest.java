package org.zeoraid.raidctl.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.raidctl.Cli;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.storage.admin.ArrayState;

/** Every verb, asked of an array that is served. */
class AdminCommandsTest {

    @TempDir
    Path folder;

    @Test
    void statusIsALineAndAnExitCode() {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            Cli.Answer optimal = served.ask("status");
            assertThat(optimal.code()).isEqualTo(Exit.OPTIMAL);
            assertThat(optimal.out()).isEqualTo("array main is optimal\n");

            assertThat(served.ask("disable", "b").code()).isEqualTo(Exit.DONE);

            Cli.Answer degraded = served.ask("status", "-S", "main");
            assertThat(degraded.code()).isEqualTo(Exit.CRITICAL);
            assertThat(degraded.out()).startsWith("array main is degraded: ").hasLineCount(1);
            assertThat(served.ask("status", "-S", "nothing").code()).isEqualTo(Exit.UNKNOWN);
        }
    }

    @Test
    void detailsNameEveryMember() {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            served.commit(1, 100);

            Cli.Answer details = served.ask("details");
            assertThat(details.code()).isEqualTo(Exit.OPTIMAL);
            assertThat(details.out())
                    .contains("last transaction 04")
                    .containsPattern("a  optimal +filestorage " + folder.resolve("a/Data.fs"))
                    .containsPattern("b  optimal +filestorage " + folder.resolve("b/Data.fs"));

            Cli.Answer json = served.ask("details", "--json");
            assertThat(json.out())
                    .contains("\"name\": \"main\"", "\"state\": \"optimal\"", "\"operation\": null")
                    .contains("\"name\": \"b\"", "\"kind\": \"filestorage\"");
        }
    }

    @Test
    void aMemberIsDisabledAndRecovered() {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            served.commit(3, 100);
            assertThat(served.ask("disable", "b").out()).isEqualTo("array main: member b is disabled\n");
            served.commit(3, 100);
            Cli.Answer last = served.ask("disable", "a");
            assertThat(last.code()).isEqualTo(Exit.FAILED);
            assertThat(last.err()).startsWith("raidctl: ").hasLineCount(1);

            Cli.Answer recovered = served.ask("recover", "b", "--wait");

            assertThat(recovered.code()).isEqualTo(Exit.DONE);
            assertThat(recovered.out()).isEqualTo("array main: member b is optimal\n");
            assertThat(served.ask("status").code()).isEqualTo(Exit.OPTIMAL);
            assertThat(served.ask("recover", "z").err()).contains("z");
            Cli.Answer events = served.ask("events");
            assertThat(events.code()).isEqualTo(Exit.DONE);
            assertThat(events.out()).containsPattern("(?m)^\\d+  20\\S+Z  \\w+ +b: ");
            assertThat(served.ask("events", "--json", "-n", "1").out()).contains("\"severity\": ");
        }
    }

    @Test
    void aRecoveryIsThrottledPausedAndResumedAndWatched() {
        Served.configure(folder, "a", "b");
        try (HeldEnvironment environment = new HeldEnvironment("recovery-b");
                Served served = Served.in(folder, ArrayState.OPTIMAL, environment)) {
            served.commit(1, 100);
            served.ask("disable", "b");
            served.commit(20, 1_000);
            assertThat(served.ask("recover", "b").out()).contains("recovery of b is under way");
            assertThat(served.ask("throttle", "b", "100KB").code()).isEqualTo(Exit.DONE);
            assertThat(served.ask("pause", "b").code()).isEqualTo(Exit.DONE);
            environment.release();

            Cli.Answer paused = served.ask("details");
            assertThat(paused.out()).contains("paused", "at most 100.0 KiB/s");
            assertThat(paused.code()).isEqualTo(Exit.RECOVERING);
            assertThat(served.ask("watch", "--wait", "-i", "0.05").code()).isEqualTo(Exit.RECOVERING);

            assertThat(served.ask("throttle", "b", "0").out()).contains("is not bounded");
            assertThat(served.ask("resume", "b").code()).isEqualTo(Exit.DONE);
            Cli.Answer watched = served.ask("watch", "--wait", "-i", "0.05");
            assertThat(watched.code()).isEqualTo(Exit.OPTIMAL);
            assertThat(watched.out()).contains("array main is optimal").doesNotContain("\u001b");
        }
    }

    @Test
    void aMemberIsRebuiltAndScrubbed() {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            served.commit(5, 1000);
            Cli.Answer scrubbed = served.ask("scrub", "b");
            assertThat(scrubbed.err()).isEmpty();
            assertThat(scrubbed.code()).isEqualTo(Exit.DONE);
            served.ask("disable", "b");

            Cli.Answer rebuilt = served.ask("rebuild", "b", "--wait");

            assertThat(rebuilt.err()).isEmpty();
            assertThat(rebuilt.code()).isEqualTo(Exit.DONE);
            assertThat(served.ask("status").code()).isEqualTo(Exit.OPTIMAL);
        }
    }

    @Test
    void anArrayIsPacked() {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            served.commit(20, 10_000);

            assertThat(served.ask("pack", "--json").out()).contains("\"bytesAfter\": ");
            Cli.Answer packed = served.ask("pack", "--days", "0", "--garbage", "keep");

            assertThat(packed.err()).isEmpty();
            assertThat(packed.code()).isEqualTo(Exit.DONE);
            assertThat(packed.out()).containsPattern("array main: packed from 19\\d\\.\\d KiB to \\d+\\.\\d KiB");
        }
    }

    @Test
    void aReloadTakesANewMemberIn() throws IOException {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            served.commit(2, 100);
            Served.configure(folder, "a", "b", "c");

            assertThat(served.ask("reload").code()).isEqualTo(Exit.DONE);

            assertThat(served.ask("details").out()).containsPattern("c  degraded");
            assertThat(served.ask("recover", "c", "--wait").code()).isEqualTo(Exit.DONE);
            Files.writeString(folder.resolve("zeo.conf"), "<nonsense>\n");
            Cli.Answer refused = served.ask("reload");
            assertThat(refused.code()).isEqualTo(Exit.FAILED);
            assertThat(refused.err()).contains("nonsense");
            assertThat(served.ask("status").code()).isEqualTo(Exit.OPTIMAL);
        }
    }

    @Test
    void anArrayThatWaitsForAMemberIsAssembledByForce() throws IOException {
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            served.commit(2, 100);
        }
        // The state directory is lost, and one member cannot be opened.
        deleteTree(folder.resolve("main.state"));
        for (String name : new String[] {"a", "b"}) {
            try (var files = Files.list(folder.resolve(name))) {
                for (Path file : files.filter(path -> path.toString().contains("superblock"))
                        .toList()) {
                    Files.delete(file);
                }
            }
        }
        deleteTree(folder.resolve("b"));
        Files.writeString(folder.resolve("b"), "not a folder");

        try (Served served = Served.in(folder, ArrayState.FAILED)) {
            Cli.Answer waiting = served.ask("status");
            assertThat(waiting.code()).isEqualTo(Exit.CRITICAL);
            assertThat(waiting.out()).startsWith("array main is failed: ");
            assertThat(served.ask("assemble").code()).isEqualTo(Exit.WRONG_USE);

            Cli.Answer forced = served.ask("assemble", "--force");

            assertThat(forced.err()).isEmpty();
            assertThat(forced.code()).isEqualTo(Exit.DONE);
            served.awaitState(ArrayState.DEGRADED);
        }
    }

    @Test
    void anImportIntoAServedArrayKeepsEveryTidAndGoesOnWhereItStopped() {
        Path history = Cli.fixture("history.fs", folder.resolve("history/Data.fs"));
        Path packed = Cli.fixture("packed.fs", folder.resolve("packed/Data.fs"));
        Served.configure(folder, "a", "b");
        try (Served served = Served.in(folder, ArrayState.OPTIMAL)) {
            Cli.Answer imported = served.ask("import", history, "-S", "main");
            assertThat(imported.err()).isEmpty();
            assertThat(imported.out()).contains("copied 259 transactions, 1162 records");

            Cli.Answer again = served.ask("import", history);
            assertThat(again.err()).isEmpty();
            assertThat(again.out()).contains("copied 0 transactions");
            assertThat(served.ask("import", packed).err()).contains("holds other data");
            Path out = folder.resolve("out/Data.fs");
            assertThat(Cli.run("copy", "zeo+unix:" + folder.resolve("zeo.sock") + "#main", out)
                            .code())
                    .isEqualTo(Exit.DONE);
            assertThat(out).hasSameBinaryContentAs(history);
        }
        assertThat(folder.resolve("a/Data.fs")).hasSameBinaryContentAs(history);
        assertThat(folder.resolve("b/Data.fs")).hasSameBinaryContentAs(history);
    }

    private static void deleteTree(Path root) throws IOException {
        try (var all = Files.walk(root)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}

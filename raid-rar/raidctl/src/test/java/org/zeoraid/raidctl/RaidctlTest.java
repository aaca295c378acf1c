package org.zeoraid.raidctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class RaidctlTest {

    @Test
    void helpNamesEveryCommandAndTheExitCodes() {
        Cli.Answer answer = Cli.run("--help");

        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("status", "details", "watch", "events", "recover", "disable", "rebuild", "pause", "resume")
                .contains("throttle", "scrub", "pack", "reload", "assemble", "serve", "verify", "import", "copy")
                .contains("0  optimal", "1  recovering", "2  degraded, failed, damaged or unreachable", "3  unknown");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "details",
                "watch",
                "events",
                "recover",
                "disable",
                "rebuild",
                "pause",
                "resume",
                "throttle",
                "scrub",
                "pack",
                "reload",
                "assemble",
                "serve",
                "verify",
                "import",
                "copy"
            })
    void everyCommandExplainsItself(String command) {
        Cli.Answer answer = Cli.run(command, "--help");

        assertThat(answer.code()).isZero();
        assertThat(answer.out()).startsWith("Usage: raidctl " + command).contains("-h, --help");
        assertThat(answer.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "status --colour,3",
        "status extra,3",
        "details -p many,3",
        "watch --interval 0,3",
        "verify,3",
        "recover,2",
        "throttle b fast,2",
        "pack --days 3 --before 2026-01-01T00:00:00Z,2",
        "pack --garbage burn,2",
        "pack --before yesterday,2",
        "assemble,2",
        "events --limit 0,2",
        "serve,2",
        "serve -C nowhere.conf,2",
        "copy onlyone,2",
        "copy same.fs same.fs,2",
        "copy zeo://host/x there.fs,2",
        "frobnicate,2",
        "status -p 0,3",
        "recover -p 70000 b,2"
    })
    void wrongUseIsOneClearLine(String words, int code) {
        Cli.Answer answer = Cli.run((Object[]) words.split(" "));

        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).startsWith("raidctl: ").hasLineCount(1);
    }

    @Test
    void nobodyAnsweringIsCriticalForACheckAndAFailureForTheRest() {
        // Port 1 of this machine is nobody's.
        assertThat(Cli.run("status", "-H", "127.0.0.1", "-p", "1").code()).isEqualTo(Exit.CRITICAL);
        assertThat(Cli.run("recover", "-H", "127.0.0.1", "-p", "1", "b").code()).isEqualTo(Exit.FAILED);
        assertThat(Cli.run("details", "--socket", "/nonexistent/zeo.sock").code())
                .isEqualTo(Exit.CRITICAL);
        assertThat(Cli.run("status", "-H", "no.such.host.invalid").code()).isEqualTo(Exit.CRITICAL);
    }

    @Test
    void failuresAreJsonWhereThatIsAskedFor() {
        Cli.Answer answer = Cli.run("verify", "--json", "no-such.fs");

        assertThat(answer.code()).isEqualTo(Exit.UNKNOWN);
        assertThat(answer.out()).contains("\"error\": \"failed\"", "\"message\": \"there is no file ");
    }

    @Test
    void whoHasNotEnoughMemoryIsToldWhatToDo() {
        StringWriter err = new StringWriter();
        CommandLine verify = new CommandLine(new VerifyCommand()).setErr(new PrintWriter(err, true));

        int code = Raidctl.failed(
                new CompletionException(new OutOfMemoryError("Java heap space")), verify, verify.parseArgs("Data.fs"));

        assertThat(code).isEqualTo(Exit.UNKNOWN);
        assertThat(err.toString())
                .startsWith("raidctl: not enough memory: give Java a larger heap, such as java -Xmx2g")
                .hasLineCount(1);
    }
}

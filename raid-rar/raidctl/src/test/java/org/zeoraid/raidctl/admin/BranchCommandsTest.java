package org.zeoraid.raidctl.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.raidctl.Cli;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.admin.ArrayState;

/** Branches in doubt, in an array that is served. */
class BranchCommandsTest {

    private static final BranchId BRANCH = branch("payroll,server,P100");
    private static final BranchId OTHER = branch("payroll,server,P101");

    @TempDir
    Path folder;

    private final InputStream standardInput = System.in;
    private Served served;

    @BeforeEach
    void serve() {
        Served.configure(folder, "a", "b");
        served = Served.in(folder, ArrayState.OPTIMAL);
    }

    @AfterEach
    void stop() {
        System.setIn(standardInput);
        served.close();
    }

    private static BranchId branch(String node) {
        return new BranchId(0x1234, node.getBytes(StandardCharsets.US_ASCII), new byte[] {1});
    }

    private static void typed(String text) {
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void branchesAreListedWithWhoPreparedThem() {
        assertThat(served.ask("branches").out()).isEqualTo("array main: no branch is in doubt\n");
        served.prepare(BRANCH);

        Cli.Answer listed = served.ask("branches");

        assertThat(listed.code()).isEqualTo(Exit.DONE);
        assertThat(listed.out())
                .startsWith(BRANCH + "\n")
                .containsPattern("in doubt since 20\\S+Z \\(\\d+ s\\)")
                .containsPattern("1 object, \\d\\S+ KiB, from payroll,server,P100");
        assertThat(served.ask("branches", "--json").out())
                .contains("\"xid\": \"" + BRANCH + "\"", "\"state\": \"in-doubt\"", "\"objects\": 1")
                .contains("\"node\": \"payroll,server,P100\"");
    }

    @Test
    void aBranchIsCommittedThenForgottenAndTheEventLogKeepsThat() {
        served.prepare(BRANCH);
        typed("y\n");

        Cli.Answer committed = served.ask("branch", "commit", BRANCH);

        assertThat(committed.code()).isEqualTo(Exit.DONE);
        assertThat(committed.err()).contains("payroll,server,P100", "commit this branch? [y/N] ");
        assertThat(committed.out()).isEqualTo("array main: branch " + BRANCH + " is committed\n");
        assertThat(served.ask("branches").out()).contains("committed by an admin since");

        Cli.Answer again = served.ask("branch", "rollback", BRANCH, "--yes");
        assertThat(again.code()).isEqualTo(Exit.FAILED);
        assertThat(again.err()).contains("is decided already").hasLineCount(1);

        assertThat(served.ask("branch", "forget", BRANCH, "-y").code()).isEqualTo(Exit.DONE);
        assertThat(served.ask("branches", "--json").out()).isEqualTo("[]\n");
        assertThat(served.ask("events", "--json").out()).contains("heuristic-commit", "heuristic-forget");
    }

    @Test
    void aBranchIsRolledBack() {
        served.prepare(BRANCH);
        served.prepare(OTHER);

        assertThat(served.ask("branch", "rollback", BRANCH, "--yes").out()).contains("is rolled back");

        assertThat(served.ask("branches").out())
                .containsPattern(BRANCH + "\n    rolled back by an admin since")
                .containsPattern(OTHER + "\n    in doubt since");
        assertThat(served.ask("events", "--json").out()).contains("heuristic-rollback");
    }

    @Test
    void withoutAYesNothingIsDone() {
        served.prepare(BRANCH);

        for (String answer : new String[] {"", "n\n", "\n", "maybe\n"}) {
            typed(answer);
            Cli.Answer left = served.ask("branch", "rollback", BRANCH);
            assertThat(left.code()).isEqualTo(Exit.FAILED);
            assertThat(left.err()).contains("not confirmed, nothing was done");
        }
        assertThat(served.ask("branches").out()).contains("in doubt since");
    }

    @Test
    void whatItsTransactionManagerDecidedStays() {
        served.prepare(BRANCH);
        served.commitPrepared(BRANCH);

        Cli.Answer late = served.ask("branch", "rollback", BRANCH, "--yes");

        assertThat(late.code()).isEqualTo(Exit.FAILED);
        assertThat(late.err()).contains("has been committed; nothing is left to decide");
        assertThat(served.ask("branch", "rollback", BRANCH).err()).contains("has no prepared branch");
        assertThat(served.ask("events", "--json").out()).doesNotContain("heuristic");
    }

    @Test
    void whatCannotBeDoneIsSaid() {
        served.prepare(BRANCH);

        Cli.Answer unknown = served.ask("branch", "commit", OTHER, "--yes");
        assertThat(unknown.code()).isEqualTo(Exit.FAILED);
        assertThat(unknown.err()).contains("array main has no prepared branch " + OTHER);
        assertThat(served.ask("branch", "forget", BRANCH, "--yes").err())
                .contains("is in doubt; commit it or roll it back");
        assertThat(served.ask("branch", "commit", "nonsense", "--yes").code()).isEqualTo(Exit.WRONG_USE);
        assertThat(served.ask("branch", "burn", BRANCH, "--yes").code()).isEqualTo(Exit.WRONG_USE);
    }
}

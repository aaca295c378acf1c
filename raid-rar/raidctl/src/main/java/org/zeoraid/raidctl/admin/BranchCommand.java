package org.zeoraid.raidctl.admin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code raidctl branch}: a heuristic decision, after a question. */
@Command(
        name = "branch",
        mixinStandardHelpOptions = true,
        description = {
            "Decides a branch that is in doubt, instead of its transaction manager; it asks before it does so.",
            "NOBODY BUT YOU makes sure that the other resources of the transaction did the same. First look what they did.",
            "What was decided is kept, and told to the transaction manager when it asks, until it is forgotten."
        })
public final class BranchCommand implements Callable<Integer> {

    /** What is done to a branch. */
    enum Decision {
        COMMIT("commit", "is committed"),
        ROLLBACK("roll back", "is rolled back"),
        FORGET("forget", "is forgotten");

        private final String verb;
        private final String done;

        Decision(String verb, String done) {
            this.verb = verb;
            this.done = done;
        }
    }

    @Mixin
    private Common common = new Common();

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    @Parameters(
            index = "0",
            paramLabel = "DECISION",
            description = "commit, rollback, or forget for a branch that was decided so.")
    private Decision decision = Decision.FORGET;

    @Parameters(index = "1", paramLabel = "XID", description = "The branch's name, as 'branches' lists it.")
    private String xid = "";

    @Override
    public Integer call() {
        BranchId id = id(xid);
        try (RemoteArray array = RemoteArray.connect(server)) {
            if (!yes) {
                ask(array.name(), find(array, id));
            }
            switch (decision) {
                case COMMIT -> array.commit(id);
                case ROLLBACK -> array.rollback(id);
                case FORGET -> array.forget(id);
            }
            MemberCommands.tell(common, array, "branch " + id + " " + decision.done);
            return Exit.DONE;
        }
    }

    private static PreparedBranch find(RemoteArray array, BranchId id) {
        return array.branches().stream()
                .filter(branch -> branch.id().equals(id))
                .findAny()
                .orElseThrow(() -> Refusal.failed("array " + array.name() + " has no prepared branch " + id
                        + "; 'branches' lists those that there are"));
    }

    private static BranchId id(String text) {
        try {
            return BranchId.parse(text);
        } catch (IllegalArgumentException e) {
            throw Refusal.wrongUse(
                    "'" + text + "' is no name of a transaction branch; expected FORMAT:TRANSACTION:BRANCH in"
                            + " hexadecimal digits, as 'branches' lists them");
        }
    }

    private void ask(String array, PreparedBranch branch) {
        BranchPictures.lines(branch, Instant.now()).forEach(line -> common.err().println(line));
        common.err()
                .println(
                        decision == Decision.FORGET
                                ? "If its transaction manager comes back it is not told what was decided."
                                : "Nobody but you makes sure that the other resources of its transaction do the same.");
        common.err().print("array " + array + ": " + decision.verb + " this branch? [y/N] ");
        common.err().flush();
        String answer = answer();
        if (!answer.equals("y") && !answer.equals("yes")) {
            throw Refusal.failed("not confirmed, nothing was done; confirm with y, or say --yes");
        }
    }

    private static String answer() {
        try {
            // Not closed: the process has one standard input.
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
            String line = in.readLine();
            return line == null ? "" : line.strip().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw Refusal.failed("the answer cannot be read, nothing was done: " + e.getMessage(), e);
        }
    }
}

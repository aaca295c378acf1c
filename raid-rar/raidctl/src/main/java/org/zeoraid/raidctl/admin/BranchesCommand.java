package org.zeoraid.raidctl.admin;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.PreparedBranch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code raidctl branches}: what transaction managers have prepared, and not decided. */
@Command(
        name = "branches",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the branches of global transactions that are in doubt, or that an admin decided, oldest first.",
            "For a moment each global transaction is in doubt. One that stays so waits for its transaction manager, and"
                    + " keeps its objects locked."
        })
public final class BranchesCommand implements Callable<Integer> {

    @Mixin
    private Common common = new Common();

    @Mixin
    private ServerOption server = new ServerOption();

    @Override
    public Integer call() {
        try (RemoteArray array = RemoteArray.connect(server)) {
            List<PreparedBranch> branches = array.branches();
            if (common.json()) {
                common.out()
                        .println(Json.of(
                                branches.stream().map(BranchPictures::json).toList()));
            } else if (branches.isEmpty()) {
                common.out().println("array " + array.name() + ": no branch is in doubt");
            } else {
                Instant now = Instant.now();
                branches.forEach(branch -> BranchPictures.lines(branch, now)
                        .forEach(line -> common.out().println(line)));
            }
            return Exit.DONE;
        }
    }
}

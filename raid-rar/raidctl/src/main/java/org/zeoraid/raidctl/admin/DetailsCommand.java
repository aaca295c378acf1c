package org.zeoraid.raidctl.admin;

import java.util.concurrent.Callable;
import org.zeoraid.raidctl.Check;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.admin.ArrayStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code raidctl details}: an array with all its members. */
@Command(
        name = "details",
        mixinStandardHelpOptions = true,
        description = "Tells how an array and each of its members is, and what is being done to them.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:optimal", "1:recovering", "2:degraded, failed or unreachable", "3:unknown"})
public final class DetailsCommand implements Callable<Integer>, Check {

    @Mixin
    private Common common = new Common();

    @Mixin
    private ServerOption server = new ServerOption();

    @Override
    public Integer call() {
        try (RemoteArray array = RemoteArray.connect(server)) {
            ArrayStatus status = array.status();
            if (common.json()) {
                common.out().println(Json.of(Pictures.json(status)));
            } else {
                Pictures.details(status).forEach(common.out()::println);
            }
            return StatusCommand.code(status.state());
        }
    }
}

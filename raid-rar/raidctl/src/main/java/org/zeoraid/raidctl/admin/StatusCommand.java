package org.zeoraid.raidctl.admin;

import java.util.concurrent.Callable;
import org.zeoraid.raidctl.Check;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code raidctl status}: an array's state on a line, for people and for Nagios. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Tells how an array is, on one line. As a check for Nagios it needs no more.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:optimal", "1:recovering", "2:degraded, failed or unreachable", "3:unknown"})
public final class StatusCommand implements Callable<Integer>, Check {

    @Mixin
    private Common common = new Common();

    @Mixin
    private ServerOption server = new ServerOption();

    @Override
    public Integer call() {
        try (RemoteArray array = RemoteArray.connect(server)) {
            ArrayStatus status = array.status();
            common.out().println(common.json() ? Json.of(Pictures.json(status)) : Pictures.line(status));
            return code(status.state());
        }
    }

    /** What a check answers with. */
    static int code(ArrayState state) {
        return switch (state) {
            case OPTIMAL -> Exit.OPTIMAL;
            case RECOVERING -> Exit.RECOVERING;
            case DEGRADED, FAILED -> Exit.CRITICAL;
        };
    }
}

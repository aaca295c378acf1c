package org.zeoraid.raidctl.admin;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.raidctl.Terminal;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;

/** Waits for the end of a recovery. */
final class Waiting {

    private static final Duration LOOK = Duration.ofMillis(200);

    private Waiting() {}

    /**
     * Until a member is no longer being recovered.
     *
     * @throws Refusal if it is not optimal then, with the reason
     */
    static int forMember(Common common, RemoteArray array, String name) {
        Terminal terminal = Terminal.on(common.err());
        while (true) {
            MemberStatus member = find(array.status(), name);
            boolean working = member.state() == MemberState.RECOVERING
                    || member.operation().isPresent();
            if (!working) {
                terminal.clear();
                if (member.state() != MemberState.OPTIMAL) {
                    throw Refusal.failed(
                            "member " + name + " is " + member.state().word() + ": " + member.reason());
                }
                MemberCommands.tell(common, array, "member " + name + " is optimal");
                return Exit.DONE;
            }
            member.operation().ifPresent(operation -> terminal.show(name + ": " + Pictures.operation(operation)));
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private static MemberStatus find(ArrayStatus array, String name) {
        return array.members().stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.failed("array " + array.name() + " has no member " + name));
    }
}

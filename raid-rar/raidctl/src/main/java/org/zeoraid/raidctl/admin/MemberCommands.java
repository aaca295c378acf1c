package org.zeoraid.raidctl.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.Units;
import org.zeoraid.raidctl.call.ServerOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What an admin does to a member: one method a command. */
public final class MemberCommands {

    private static final String WAIT = "Show how far it is, and end when it is done.";

    /** One verb of the server's. */
    private interface Deed {
        void on(RemoteArray array);
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Starts the online recovery of a member that is degraded, disabled or waiting: what it missed is copied while"
                        + " the array works.",
                "'watch' shows how far it is."
            })
    public static int recover(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Option(names = "--wait", description = WAIT) boolean wait,
            @Parameters(paramLabel = "MEMBER", description = "The member's name.") String member) {
        return act(
                common,
                server,
                "recovery of " + member + " is under way",
                wait ? member : null,
                array -> array.recover(member));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Sets aside what a member holds, a diverged one included, and copies everything to it while the array works.",
                "Over ZEO nothing can be set aside: such a member's server must be started empty first."
            })
    public static int rebuild(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Option(names = "--wait", description = WAIT) boolean wait,
            @Parameters(paramLabel = "MEMBER", description = "The member's name.") String member) {
        return act(
                common,
                server,
                "rebuild of " + member + " is under way",
                wait ? member : null,
                array -> array.rebuild(member));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Takes a member out of the array, until it is recovered. The last optimal one is refused.")
    public static int disable(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Parameters(paramLabel = "MEMBER", description = "The member's name.") String member) {
        return act(common, server, "member " + member + " is disabled", null, array -> array.disable(member));
    }

    @Command(mixinStandardHelpOptions = true, description = "Pauses the recovery of a member, also over a restart.")
    public static int pause(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Parameters(paramLabel = "MEMBER", description = "The member's name.") String member) {
        return act(common, server, "recovery of " + member + " is paused", null, array -> array.pause(member));
    }

    @Command(mixinStandardHelpOptions = true, description = "Lets a paused recovery go on.")
    public static int resume(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Parameters(paramLabel = "MEMBER", description = "The member's name.") String member) {
        return act(common, server, "recovery of " + member + " goes on", null, array -> array.resume(member));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Bounds what the recovery of a member copies in a second; 0 lifts the bound.")
    public static int throttle(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Parameters(index = "0", paramLabel = "MEMBER", description = "The member's name.") String member,
            @Parameters(index = "1", paramLabel = "BYTES", description = "Such as 5MB, 512KB or 0.") String bytes) {
        long bound = Units.bytes(bytes);
        String done = bound == 0
                ? "recovery of " + member + " is not bounded"
                : "recovery of " + member + " copies at most " + Units.bytes(bound) + "/s";
        return act(common, server, done, null, array -> array.throttle(member, bound));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Reads a member whole while the array works, checks it, and compares it with the next optimal one. The result"
                        + " is an event; damage degrades the member, and so does being outvoted by two others.",
                "For a file that no array has open use 'verify FILE'."
            })
    public static int scrub(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Parameters(paramLabel = "MEMBER", description = "The member's name.") String member) {
        return act(
                common,
                server,
                "member " + member + " has been read whole; see events",
                null,
                array -> array.verify(member));
    }

    private static int act(Common common, ServerOption server, String done, @Nullable String awaited, Deed deed) {
        try (RemoteArray array = RemoteArray.connect(server)) {
            deed.on(array);
            if (awaited != null) {
                return Waiting.forMember(common, array, awaited);
            }
            tell(common, array, done);
            return Exit.DONE;
        }
    }

    static void tell(Common common, RemoteArray array, String done) {
        if (common.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("array", array.name());
            answer.put("message", done);
            common.out().println(Json.of(answer));
        } else {
            common.out().println("array " + array.name() + ": " + done);
        }
    }
}

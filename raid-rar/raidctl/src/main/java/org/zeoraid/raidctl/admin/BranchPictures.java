package org.zeoraid.raidctl.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.zeoraid.raidctl.Units;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.Count;

/** What is known of a branch, for people and for programs. */
final class BranchPictures {

    private BranchPictures() {}

    /** The name alone on its line, for copying. */
    static List<String> lines(PreparedBranch branch, Instant now) {
        String node = branch.id().words();
        return List.of(
                branch.id().toString(),
                "    " + words(branch.state()) + " since "
                        + branch.since().truncatedTo(ChronoUnit.SECONDS) + " ("
                        + Units.time(Duration.between(branch.since(), now)) + ")",
                "    " + changes(branch) + (node.isBlank() ? "" : ", from " + printable(node)));
    }

    /** Such as {@code 2 objects, 3.2 KiB}. */
    static String changes(PreparedBranch branch) {
        return Count.of(branch.objects(), "object") + ", " + Units.bytes(branch.bytes());
    }

    private static String words(PreparedBranch.State state) {
        return switch (state) {
            case IN_DOUBT -> "in doubt";
            case COMMITTED_BY_ADMIN -> "committed by an admin";
            case ROLLED_BACK_BY_ADMIN -> "rolled back by an admin";
        };
    }

    /** Names come from other machines: nothing in one may steer a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** The words of REST. */
    static Map<String, Object> json(PreparedBranch branch) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("xid", branch.id().toString());
        json.put("state", branch.state().word());
        json.put("since", branch.since().truncatedTo(ChronoUnit.MILLIS).toString());
        json.put("objects", branch.objects());
        json.put("bytes", branch.bytes());
        json.put("node", branch.id().words());
        return json;
    }
}

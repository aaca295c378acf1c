package org.zeoraid.config;

import java.util.List;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.Remote;
import org.zeoraid.config.schema.Findings;
import org.zeoraid.config.schema.SocketAddress;

/** Keeps members from being the same storage of the same server, and a server from being its own member. */
final class Remotes {

    private Remotes() {}

    /** Tells of the first storage that both members are. */
    static void keepApart(MemberDefinition earlier, MemberDefinition later, Findings findings) {
        for (Remote theirs : later.remotes()) {
            for (Remote mine : earlier.remotes()) {
                if (mine.isSame(theirs)) {
                    findings.problem(
                            later.position(),
                            later.title() + " is " + theirs + ", as " + earlier.title() + " of " + earlier.position()
                                    + " is; expected a storage of its own for each member");
                    return;
                }
            }
        }
    }

    /** An array that waits for itself never serves. */
    static void keepFromServingItself(List<ArrayDefinition> arrays, List<ZeoDefinition> listeners, Findings findings) {
        for (ArrayDefinition array : arrays) {
            for (MemberDefinition member : array.members()) {
                for (Remote remote : member.remotes()) {
                    listeners.stream()
                            .filter(listener -> isOwn(remote.server(), listener))
                            .findFirst()
                            .ifPresent(listener -> findings.problem(
                                    member.position(),
                                    member.title() + " is reached at " + remote.server()
                                            + ", where the <zeo> of " + listener.position()
                                            + " serves; expected another server"));
                }
            }
        }
    }

    private static boolean isOwn(SocketAddress server, ZeoDefinition listener) {
        return listener.addresses().stream().anyMatch(address -> Remote.reaches(address, server));
    }
}

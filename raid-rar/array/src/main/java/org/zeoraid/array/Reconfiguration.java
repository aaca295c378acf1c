package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.seam.Environment;

/**
 * Has an array that serves work with another configuration: members come and go at once; what else the configuration says
 * of a member counts when it is opened the next time, and of the array after a restart, and whoever asked is told so.
 */
final class Reconfiguration {

    private final Environment environment;
    private final SuperblockKeeper keeper;
    private final ArrayConfiguration before;
    private final ArrayConfiguration next;

    Reconfiguration(
            Environment environment, SuperblockKeeper keeper, ArrayConfiguration before, ArrayConfiguration next) {
        this.environment = environment;
        this.keeper = keeper;
        this.before = before;
        this.next = next;
    }

    /** Fails, and nothing is changed, if no optimal member would be left. */
    CompletionStage<Void> run() {
        List<Member> order = new ArrayList<>();
        List<SuperblockKeeper.Newcomer> added = new ArrayList<>();
        for (MemberSource source : next.members()) {
            Optional<Member> known = keeper.current().members().stream()
                    .map(Standing::member)
                    .filter(member -> isSame(member.source(), source))
                    .findFirst();
            order.add(known.orElseGet(() -> {
                Member member = new Member(source, Assembler.freshId(environment));
                MemberDoor door = new MemberDoor(environment, next.name(), source, before.options());
                added.add(new SuperblockKeeper.Newcomer(member, door));
                return member;
            }));
        }
        return keeper.reconfigure(order, added).whenComplete((nothing, failure) -> {
            if (failure != null) {
                added.forEach(newcomer -> newcomer.door().end());
                return;
            }
            tellOfOptions();
            for (int i = 0; i < order.size(); i++) {
                takeOver(order.get(i), next.members().get(i));
            }
        });
    }

    private static boolean isSame(MemberSource one, MemberSource other) {
        return one.name().equals(other.name())
                && one.kind().equals(other.kind())
                && one.location().equals(other.location());
    }

    private void tellOfOptions() {
        if (next.failMode() != before.failMode()
                || next.readOnly() != before.readOnly()
                || !next.options().equals(before.options())) {
            String text =
                    "fail-mode, read-only or deadlines are others in the new configuration; they count after a restart";
            keeper.event(Severity.WARNING, "", "options", text);
        }
    }

    private void takeOver(Member member, MemberSource source) {
        if (member.source().settings().equals(source.settings())) {
            return;
        }
        member.source(source);
        keeper.door(member).thenAccept(door -> door.source(source));
        String changed = "its options are others in the new configuration; ";
        if (keeper.current().of(member).flatMap(Standing::log).isPresent()) {
            String hint = "it is open with the old ones: disable and recover it, or restart, and the new ones count";
            keeper.event(Severity.WARNING, member.name(), "options", changed + hint);
        } else {
            keeper.event(
                    Severity.INFO, member.name(), "options", changed + "they count when it is opened the next time");
        }
    }
}

package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;

/** The part of the keeper that decides which pack the members owe, and who has paid. */
final class OwedPacks {

    private final SuperblockKeeper keeper;
    private final Roster roster;

    OwedPacks(SuperblockKeeper keeper, Roster roster) {
        this.keeper = keeper;
        this.roster = roster;
    }

    /** A pack was chosen: from now on every member owes it. */
    CompletionStage<Void> chosen(PackRequest request) {
        return keeper.decide(() -> {
            Tid before = roster.pack().map(PackRequest::upTo).orElse(Tid.NONE);
            if (before.isAfter(request.upTo())) {
                throw new AdministrationException(
                        AdministrationException.Refusal.INVALID, "the array was packed up to " + before + " already");
            }
            roster.pack(request);
            roster.dossiers().forEach(dossier -> dossier.owesPack(true));
            return roster.save();
        });
    }

    /**
     * A member has been packed.
     *
     * @param decided what the others, now or later, are asked, so that all forget the same
     */
    CompletionStage<Void> packed(Member member, PackRequest request, PackRequest decided) {
        return keeper.decide(() -> {
            Dossier dossier = roster.find(member);
            if (dossier == null || !roster.pack().equals(Optional.of(request))) {
                return CompletableFuture.completedFuture(null);
            }
            roster.pack(decided);
            dossier.owesPack(false);
            return roster.save();
        });
    }

    /** A pack, and the optimal members that owe it. */
    record Owed(PackRequest request, List<Standing> members) {}

    /** The pack that optimal members still owe. */
    CompletionStage<Optional<Owed>> owed() {
        return keeper.decide(
                () -> CompletableFuture.completedFuture(roster.pack().flatMap(request -> {
                    List<Standing> owing = roster.dossiers().stream()
                            .filter(Dossier::owesPack)
                            .map(Dossier::standing)
                            .filter(s -> s.isOptimal() && s.openLog() != null)
                            .toList();
                    return owing.isEmpty() ? Optional.empty() : Optional.of(new Owed(request, owing));
                })));
    }
}

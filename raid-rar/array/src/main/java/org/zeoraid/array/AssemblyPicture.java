package org.zeoraid.array;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.zeoraid.storage.Tid;

/** What an assembly waits for, member by member, for an admin. Safe for any number of threads. */
final class AssemblyPicture {

    private final Clock clock;
    private final Map<String, Seen> members = new ConcurrentHashMap<>();

    /**
     * A member.
     *
     * @param text what it is waited for, a sentence
     * @param since when that began
     * @param last its last transaction, as far as it is known
     */
    record Seen(String text, Instant since, Tid last) {}

    AssemblyPicture(Clock clock) {
        this.clock = clock;
    }

    Optional<Seen> of(String member) {
        return Optional.ofNullable(members.get(member));
    }

    /** An attempt to open it begins. What the last one came to stays, for the next mostly comes to the same. */
    void opens(String member) {
        Instant now = clock.instant();
        members.putIfAbsent(
                member, new Seen("is being opened, since " + now.truncatedTo(ChronoUnit.SECONDS), now, Tid.NONE));
    }

    void seen(Sighting sighting) {
        String text = sighting.contact().isPresent()
                ? "is open and ends with transaction " + sighting.last() + "; the array is not assembled yet"
                : "cannot be taken in: " + sighting.problem() + "; it is tried again";
        members.compute(
                sighting.name(),
                (name, before) -> before != null && before.text().equals(text)
                        ? before
                        : new Seen(text, clock.instant(), sighting.last()));
    }

    /** All is looked at afresh. */
    void clear() {
        members.clear();
    }
}

package org.zeoraid.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.zeoraid.config.member.Place;
import org.zeoraid.config.schema.Findings;

/** Keeps members and arrays out of each other's folders. */
final class Places {

    private Places() {}

    /** Tells of the first place of one owner that is, contains, or lies inside a place of another. */
    static void keepApart(List<Place> one, List<Place> other, Findings findings) {
        for (Place mine : one) {
            for (Place theirs : other) {
                Path my = real(mine.folder());
                Path their = real(theirs.folder());
                if (their.startsWith(my)) {
                    tell(theirs, mine, my.equals(their) ? "is the same folder as" : "lies inside", findings);
                    return;
                }
                if (my.startsWith(their)) {
                    tell(theirs, mine, "contains", findings);
                    return;
                }
            }
        }
    }

    /** Tells of the first place of an array that is a place of a member, or lies inside one that is taken whole. */
    static void keepOut(List<Place> members, List<Place> array, Findings findings) {
        for (Place member : members) {
            for (Place place : array) {
                Path my = real(member.folder());
                Path their = real(place.folder());
                if (my.equals(their)) {
                    tell(place, member, "is the same folder as", findings);
                    return;
                }
                if (their.startsWith(my) && member.extent() == Place.Extent.TREE) {
                    tell(place, member, "lies inside", findings);
                    return;
                }
            }
        }
    }

    private static void tell(Place later, Place earlier, String how, Findings findings) {
        findings.problem(
                later.position(),
                later.title() + ", " + later.folder() + ", " + how + " " + earlier.title() + " of " + earlier.position()
                        + (how.startsWith("is") ? "" : ", " + earlier.folder())
                        + "; expected a folder of its own");
    }

    /** The path without symbolic links, as far as it exists. */
    private static Path real(Path path) {
        for (Path existing = path; existing != null; existing = existing.getParent()) {
            try {
                return existing.toRealPath().resolve(existing.relativize(path)).normalize();
            } catch (IOException e) {
                // Not there yet: the folder above it may be.
            }
        }
        return path;
    }
}

package org.zeoraid.config.member;

import java.util.List;
import java.util.function.Function;
import org.zeoraid.config.syntax.Position;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.seam.Environment;

/**
 * A member that a configuration describes.
 *
 * @param name unique in its array
 * @param kind the type of its section
 * @param position where the section begins
 * @param places the folders that are its own; no other member may have one that is the same, or is inside it
 * @param remotes where it is if it is a server's; no other member may be there
 * @param access whether it can be written to
 * @param opener makes the source of a name in an environment; opens nothing
 */
public record MemberDefinition(
        String name,
        String kind,
        Position position,
        List<Place> places,
        List<Remote> remotes,
        Access access,
        Function<Environment, MemberSource> opener) {

    /** What may be done with a member. */
    public enum Access {
        READ_WRITE,
        READ_ONLY
    }

    public MemberDefinition {
        places = List.copyOf(places);
        remotes = List.copyOf(remotes);
    }

    /** One on this machine. */
    public MemberDefinition(
            String name,
            String kind,
            Position position,
            List<Place> places,
            Access access,
            Function<Environment, MemberSource> opener) {
        this(name, kind, position, places, List.of(), access, opener);
    }

    public MemberSource source(Environment environment) {
        return opener.apply(environment);
    }

    /** How it is called in messages: {@code <filestorage a>}. */
    public String title() {
        return "<" + kind + " " + name + ">";
    }
}

package org.zeoraid.config.member;

import java.nio.file.Path;
import java.util.List;
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
 * @param opener makes its source
 */
public record MemberDefinition(
        String name,
        String kind,
        Position position,
        List<Place> places,
        List<Remote> remotes,
        Access access,
        Opener opener) {

    /** Makes the source of a member; opens nothing. */
    @FunctionalInterface
    public interface Opener {
        /** @param blobs a folder that the member alone may keep copies of blobs in; created when it is needed */
        MemberSource open(Environment environment, Path blobs);
    }

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
            String name, String kind, Position position, List<Place> places, Access access, Opener opener) {
        this(name, kind, position, places, List.of(), access, opener);
    }

    /** @param blobs a folder that the member alone may keep copies of blobs in; created when it is needed */
    public MemberSource source(Environment environment, Path blobs) {
        return opener.open(environment, blobs);
    }

    /** How it is called in messages: {@code <filestorage a>}. */
    public String title() {
        return "<" + kind + " " + name + ">";
    }
}

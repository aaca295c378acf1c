package org.zeoraid.config.member;

import java.nio.file.Path;
import org.zeoraid.config.syntax.Position;

/**
 * A folder on this machine that belongs to a member, or to an array.
 *
 * @param folder absolute
 * @param extent how much of it
 * @param title what it is, for messages: {@code the folder of <filestorage a>}
 * @param position where the configuration names it
 */
public record Place(Path folder, Extent extent, String title, Position position) {

    /** How much of a folder is taken. */
    public enum Extent {
        /** The files in it: their array may keep its own folders below. */
        FILES,
        /** All that is below. */
        TREE
    }
}

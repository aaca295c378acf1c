package org.zeoraid.array;

import java.nio.file.Path;
import java.util.List;
import org.zeoraid.storage.MemberSource;

/**
 * An array as the configuration describes it. Cluster mode is always {@code single}.
 *
 * @param name unique in its server
 * @param members at least one; names and locations are unique
 * @param stateFolder where superblock and event log lie; local, and writable
 * @param failMode what to do when writing must stop
 * @param readOnly whether clients may only read
 */
public record ArrayConfiguration(
        String name,
        List<MemberSource> members,
        Path stateFolder,
        FailMode failMode,
        boolean readOnly,
        ArrayOptions options) {

    /** @throws IllegalArgumentException if there is no member, or two members have the same name or the same location */
    public ArrayConfiguration {
        members = List.copyOf(members);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("array " + name + " has no member");
        }
        for (int i = 0; i < members.size(); i++) {
            for (MemberSource earlier : members.subList(0, i)) {
                refuseTwins(name, earlier, members.get(i));
            }
        }
    }

    private static void refuseTwins(String array, MemberSource one, MemberSource other) {
        if (one.name().equals(other.name())) {
            throw new IllegalArgumentException("array " + array + " has two members named " + one.name());
        }
        boolean sameFolder = one.folder().isPresent()
                && one.folder().map(Path::normalize).equals(other.folder().map(Path::normalize));
        if (one.location().equals(other.location()) || sameFolder) {
            throw new IllegalArgumentException("members " + one.name() + " and " + other.name() + " of array " + array
                    + " are the same storage, " + one.location());
        }
    }
}

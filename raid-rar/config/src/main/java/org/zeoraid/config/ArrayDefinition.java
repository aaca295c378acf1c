package org.zeoraid.config;

import java.nio.file.Path;
import java.util.List;
import org.zeoraid.array.ArrayConfiguration;
import org.zeoraid.array.ArrayOptions;
import org.zeoraid.array.FailMode;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.Position;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.seam.Environment;

/**
 * An array that a configuration describes.
 *
 * @param name unique in the configuration
 * @param position where its section begins
 * @param members at least one, in the order of the configuration
 * @param stateFolder where superblock and event log lie, absolute
 * @param blobFolder where blobs of transactions in progress lie, and those read from remote members; absolute
 * @param blobSharing whether ZEO clients of this machine see the blob folder too
 * @param failMode what it does when it must stop writing
 * @param readOnly whether clients may only read
 */
public record ArrayDefinition(
        String name,
        Position position,
        List<MemberDefinition> members,
        Path stateFolder,
        Path blobFolder,
        BlobSharing blobSharing,
        FailMode failMode,
        boolean readOnly,
        ArrayOptions options) {

    /** How blobs come to ZEO clients. */
    public enum BlobSharing {
        /** They are sent. */
        SENT,
        /** They lie in the blob folder, as in a ZODB blob storage, and clients find and put them there. */
        SHARED
    }

    public ArrayDefinition {
        members = List.copyOf(members);
    }

    /**
     * What the array is made of. Opens nothing.
     *
     * @throws ConfigurationException if two of its members are the same storage, which only they can tell
     */
    public ArrayConfiguration in(Environment environment) {
        List<MemberSource> sources = members.stream()
                .map(member ->
                        member.source(environment, blobFolder.resolve("members").resolve(member.name())))
                .toList();
        try {
            return new ArrayConfiguration(name, sources, stateFolder, failMode, readOnly, options);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(position, String.valueOf(e.getMessage()), e);
        }
    }
}

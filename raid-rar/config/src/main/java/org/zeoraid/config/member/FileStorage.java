package org.zeoraid.config.member;

import java.nio.file.Path;
import java.util.List;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;

/** {@code <filestorage NAME>}: a file in ZODB's own format. Its keys are ZODB's. */
public final class FileStorage implements MemberKind {

    static final Key<Path> PATH = Key.required("path", Values.PATH);
    static final Key<Path> BLOB_DIR = Key.optional("blob-dir", Values.PATH);
    static final Key<Boolean> READ_ONLY = Key.withDefault("read-only", Values.SWITCH, false);
    static final Key<Boolean> PACK_GC = Key.withDefault("pack-gc", Values.SWITCH, true);
    static final Key<Long> QUOTA = Key.optional("quota", Values.SIZE);

    private static final SectionType SECTION = SectionType.of(
            FileMember.KIND,
            List.of(
                    PATH,
                    BLOB_DIR,
                    READ_ONLY,
                    PACK_GC,
                    QUOTA,
                    WRITE_MOSTLY,
                    Key.meaningless("create", "a member is created where there is none, and never emptied"),
                    Key.meaningless("packer", "it names a function in Python"),
                    Key.meaningless("pack-keep-old", "a pack replaces the file once the new one is whole")));

    @Override
    public SectionType section() {
        return SECTION;
    }

    @Override
    public MemberDefinition define(String name, Section section) {
        Path file = section.value(PATH);
        Path folder = file.getParent();
        if (folder == null || file.getFileName() == null) {
            throw new ConfigurationException(
                    section.positionOf(PATH),
                    "'" + file + "' is no file; expected the path of a file such as a/Data.fs");
        }
        Path blobs = section.find(BLOB_DIR).orElseGet(() -> folder.resolve("blobs"));
        FileOptions options = FileOptions.of(name, file)
                .withBlobFolder(blobs)
                .withAccess(section.value(READ_ONLY) ? FileOptions.Access.READ_ONLY : FileOptions.Access.READ_WRITE)
                .withPackGarbage(
                        section.value(PACK_GC) ? FileOptions.PackGarbage.COLLECT : FileOptions.PackGarbage.KEEP)
                .withQuota(section.find(QUOTA).orElse(0L))
                .withPreference(
                        section.value(WRITE_MOSTLY)
                                ? FileOptions.Preference.WRITE_MOSTLY
                                : FileOptions.Preference.NORMAL);
        String title = section.title();
        return new MemberDefinition(
                name,
                SECTION.type(),
                section.position(),
                List.of(
                        new Place(folder, Place.Extent.FILES, "the folder of " + title, section.positionOf(PATH)),
                        new Place(blobs, Place.Extent.TREE, "the blob-dir of " + title, section.positionOf(BLOB_DIR))),
                section.value(READ_ONLY) ? MemberDefinition.Access.READ_ONLY : MemberDefinition.Access.READ_WRITE,
                (environment, cache) -> new FileMember(options, environment));
    }
}

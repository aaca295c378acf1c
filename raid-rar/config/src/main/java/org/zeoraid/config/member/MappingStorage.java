package org.zeoraid.config.member;

import java.util.List;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.storage.memory.MemoryMember;

/** {@code <mappingstorage NAME>}: in memory, for tests. What it holds goes with the process. */
public final class MappingStorage implements MemberKind {

    private static final SectionType SECTION = SectionType.of(
            MemoryMember.KIND,
            List.of(WRITE_MOSTLY, Key.meaningless("name", "a member is called by its section's name")));

    @Override
    public SectionType section() {
        return SECTION;
    }

    @Override
    public MemberDefinition define(String name, Section section) {
        boolean writeMostly = section.value(WRITE_MOSTLY);
        return new MemberDefinition(
                name,
                SECTION.type(),
                section.position(),
                List.of(),
                MemberDefinition.Access.READ_WRITE,
                (environment, cache) -> writeMostly ? MemoryMember.writeMostly(name) : MemoryMember.named(name));
    }
}

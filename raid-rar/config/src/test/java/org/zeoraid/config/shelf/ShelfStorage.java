package org.zeoraid.config.shelf;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.MemberKind;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryMember;

/** An example of a kind of member that a jar brings along: {@code <shelfstorage NAME>}, which lies on a shelf. */
public final class ShelfStorage implements MemberKind {

    static final Key<Integer> SHELF = Key.required("shelf", Values.number(1, 99));
    static final Key<String> LABEL = Key.withDefault("label", Values.TEXT, "plain");

    /** A section inside the section: anything that may be stuck on. */
    static final SectionType STICKER = SectionType.of("sticker", List.of(Key.required("text", Values.TEXT)));

    private static final SectionType SECTION =
            SectionType.of("shelfstorage", List.of(SHELF, LABEL, WRITE_MOSTLY), List.of(STICKER));

    @Override
    public SectionType section() {
        return SECTION;
    }

    @Override
    public MemberDefinition define(String name, Section section) {
        int shelf = section.value(SHELF);
        if (shelf == 13) {
            throw new ConfigurationException(section.positionOf(SHELF), "there is no shelf 13; expected another one");
        }
        return new MemberDefinition(
                name,
                SECTION.type(),
                section.position(),
                List.of(),
                MemberDefinition.Access.READ_WRITE,
                (environment, cache) -> new OnShelf(
                        MemoryMember.named(name), "shelf " + shelf + " (" + section.value(LABEL) + ")", section));
    }

    private record OnShelf(MemoryMember memory, String location, Section section) implements MemberSource {

        @Override
        public String name() {
            return memory.name();
        }

        @Override
        public String kind() {
            return SECTION.type();
        }

        @Override
        public Optional<Path> folder() {
            return Optional.empty();
        }

        @Override
        public boolean isWriteMostly() {
            return section.value(WRITE_MOSTLY);
        }

        @Override
        public CompletionStage<TransactionLog> open() {
            return memory.open();
        }
    }
}

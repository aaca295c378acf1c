package org.zeoraid.config.member;

import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.ConfigurationException;

/**
 * A kind of member: what its section holds, and what becomes of it. A jar brings one along by naming the class, which has
 * a public constructor without arguments, in {@code META-INF/services/org.zeoraid.config.member.MemberKind}. Stateless;
 * safe for any number of threads.
 */
public interface MemberKind {

    /** A key for every kind that can tell: reads go to the member only when no other one can answer. */
    Key<Boolean> WRITE_MOSTLY = Key.withDefault("write-mostly", Values.SWITCH, false);

    /** The section that describes such a member. Two kinds with the same section type refuse every configuration. */
    SectionType section();

    /**
     * Makes a member of a section. Opens nothing, and touches no file.
     *
     * @param name the member's name: letters, digits, {@code .}, {@code _} and {@code -}
     * @param section of this kind's {@link #section() type}, its keys checked already
     * @throws ConfigurationException if the values do not fit each other
     */
    MemberDefinition define(String name, Section section);
}

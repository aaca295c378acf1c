package org.zeoraid.config;

import java.util.Optional;
import java.util.regex.Pattern;
import org.zeoraid.config.schema.Findings;
import org.zeoraid.config.schema.Section;

/** What arrays and members can be called: their names become parts of file names, of URLs and of JNDI names. */
final class Names {

    private static final Pattern NAME = Pattern.compile("[a-z0-9_][-._a-z0-9]{0,63}");

    private Names() {}

    /** Tells of a section whose name will not do. */
    static boolean fits(Section section, Findings findings) {
        Optional<String> name = section.name();
        if (name.isEmpty()) {
            findings.problem(
                    section.position(),
                    "a name is missing in " + section.title() + "; expected '<"
                            + section.type().type() + " NAME>'");
            return false;
        }
        if (!NAME.matcher(name.get()).matches()) {
            findings.problem(
                    section.position(),
                    "'" + name.get() + "' cannot be the name of a <"
                            + section.type().type() + ">; expected up to 64 letters, digits,"
                            + " and . _ - behind the first, since it becomes part of file names and URLs");
            return false;
        }
        return true;
    }
}

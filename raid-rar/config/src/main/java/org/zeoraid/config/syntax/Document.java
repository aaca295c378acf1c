package org.zeoraid.config.syntax;

import java.nio.file.Path;
import java.util.List;

/**
 * A configuration with everything included and filled in.
 *
 * @param folder the folder of the configuration file, absolute: what relative paths start from
 * @param root the top level
 * @param imports the packages that {@code %import} names
 */
public record Document(Path folder, Block root, List<Import> imports) {

    public Document {
        imports = List.copyOf(imports);
    }

    /** An {@code %import}. */
    public record Import(String packageName, Position position) {}
}

package org.zeoraid.config;

import java.nio.file.Path;

/**
 * What {@code <ssl>} in {@code <zeo>} says.
 *
 * @param certificate the file of the server's certificate
 * @param key the file of its key, perhaps the same one
 * @param clients which clients are let in
 */
public record TlsDefinition(Path certificate, Path key, Clients clients) {

    /** Which clients are let in. */
    public sealed interface Clients {

        /** Those with a certificate of this file, or of the files of this folder, or signed by one of them. */
        record Known(Path fileOrFolder) implements Clients {}

        /** Those with a certificate that an authority of this machine signed. */
        record Signed() implements Clients {}
    }
}

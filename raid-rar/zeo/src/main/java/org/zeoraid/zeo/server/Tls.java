package org.zeoraid.zeo.server;

import java.nio.file.Path;

/**
 * How a server encrypts and whom it lets in, after the section {@code <ssl>} of {@code <zeo>}. TLS 1.2 and later.
 *
 * @param certificate a PEM file with the server's certificate and those that signed it
 * @param key a PEM file with its private key, PKCS #8 without a password; may be the same file
 */
public record Tls(Path certificate, Path key, Clients clients) {

    /** Which clients are let in. */
    public sealed interface Clients {

        /** Those whose certificate, or one that signed it, lies in a PEM file or in one of a folder's files. */
        record Known(Path fileOrFolder) implements Clients {}

        /** {@code SIGNED}: those whose certificate was signed by an authority that the platform trusts. */
        record Signed() implements Clients {}
    }
}

package org.zeoraid.zeo.client;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How connections to a server are encrypted, after the section {@code <ssl>} of ZODB's {@code <zeoclient>}. TLS 1.2 and
 * later.
 *
 * @param certificate a PEM file with the client's own certificate and those that signed it; servers that authenticate
 *     their clients ask for it
 * @param key a PEM file with its private key, PKCS #8 without a password; the certificate's file where there is none
 * @param authenticate a PEM file, or a folder of such, with the certificates by which the server is known; where there
 *     is none, it must be signed by an authority that the platform trusts
 * @param serverName what the server's certificate must be for
 */
public record ClientTls(
        Optional<Path> certificate, Optional<Path> key, Optional<Path> authenticate, ServerName serverName) {

    /** Whose name a server's certificate must tell. */
    public sealed interface ServerName {

        /** The host's to which the connection goes; {@code check-hostname true}, the default. */
        record AsConnected() implements ServerName {}

        /** Another; {@code server-hostname}. */
        record Called(String name) implements ServerName {}

        /** Any; {@code check-hostname false}. The certificate itself is checked all the same. */
        record Unchecked() implements ServerName {}
    }

    /** Servers known by an authority of the platform, no certificate of one's own, names checked. */
    public static ClientTls signed() {
        return new ClientTls(Optional.empty(), Optional.empty(), Optional.empty(), new ServerName.AsConnected());
    }

    /** @param keyFile the certificate's own file where both are in one */
    public ClientTls withCertificate(Path file, Path keyFile) {
        return new ClientTls(Optional.of(file), Optional.of(keyFile), authenticate, serverName);
    }

    /** @param fileOrFolder what is in it is all that is trusted */
    public ClientTls withAuthenticate(Path fileOrFolder) {
        return new ClientTls(certificate, key, Optional.of(fileOrFolder), serverName);
    }

    public ClientTls withServerName(ServerName other) {
        return new ClientTls(certificate, key, authenticate, other);
    }
}

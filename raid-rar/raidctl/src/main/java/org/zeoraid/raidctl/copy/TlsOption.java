package org.zeoraid.raidctl.copy;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.zeo.client.ClientTls;
import org.zeoraid.zeo.client.ClientTls.ServerName;
import picocli.CommandLine.Option;

/** How servers are met whose address says TLS; after the keys of ZEO's {@code <ssl>}. */
public final class TlsOption {

    @Option(
            names = "--authenticate",
            paramLabel = "PATH",
            description =
                    "Certificates, in a file or a folder, that servers at zeos:// are known by; unless given, those"
                            + " that Java trusts.")
    private @Nullable Path authenticate;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "The certificate that servers at zeos:// are shown.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "Its key, if that is not in the same file.")
    private @Nullable Path key;

    @Option(
            names = "--server-hostname",
            paramLabel = "NAME",
            description =
                    "The name that the certificate of a server at zeos:// must have, if it is not that of the address.")
    private @Nullable String serverHostname;

    @Option(names = "--no-check-hostname", description = "Believe the certificate whatever name it has.")
    private boolean unchecked;

    ClientTls tls() {
        if (key != null && certificate == null) {
            throw Refusal.wrongUse("--key without its --certificate");
        }
        ServerName named =
                serverHostname == null ? new ServerName.AsConnected() : new ServerName.Called(serverHostname);
        return new ClientTls(
                Optional.ofNullable(certificate),
                Optional.ofNullable(key),
                Optional.ofNullable(authenticate),
                unchecked ? new ServerName.Unchecked() : named);
    }
}

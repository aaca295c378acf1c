package org.zeoraid.zeo.client;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.zeo.client.ClientTls.ServerName;

/** Encrypts a member's connections. Files are read anew for each connection, so that renewed certificates count. */
final class TlsHandlers {

    static final TlsHandlers NONE = new TlsHandlers(null, new ServerName.Unchecked());

    private final @Nullable SslContext context;
    private final ServerName name;

    private TlsHandlers(@Nullable SslContext context, ServerName name) {
        this.context = context;
        this.name = name;
    }

    static TlsHandlers of(ZeoOptions options) {
        if (options.tls().isEmpty()) {
            return NONE;
        }
        ClientTls tls = options.tls().get();
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2");
            // Without this Netty would check names by itself where the configuration says not to.
            builder.endpointIdentificationAlgorithm(tls.serverName() instanceof ServerName.Unchecked ? null : "HTTPS");
            Optional<Path> certificate = tls.certificate();
            if (certificate.isPresent()) {
                builder.keyManager(
                        certificate.get().toFile(),
                        tls.key().orElse(certificate.get()).toFile());
            }
            if (tls.authenticate().isPresent()) {
                builder.trustManager(certificates(tls.authenticate().get()).toArray(new X509Certificate[0]));
            }
            return new TlsHandlers(builder.build(), tls.serverName());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new StorageUnavailableException(
                    "the member " + options.name() + " cannot use its certificates: " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> certificates(Path fileOrFolder) throws IOException, GeneralSecurityException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(fileOrFolder)) {
            try (Stream<Path> inside = Files.list(fileOrFolder)) {
                inside.filter(Files::isRegularFile).sorted().forEach(files::add);
            }
        } else {
            files.add(fileOrFolder);
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> found = new ArrayList<>();
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                factory.generateCertificates(in).forEach(one -> found.add((X509Certificate) one));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("there are no certificates in " + fileOrFolder);
        }
        return found;
    }

    void addTo(Channel channel, InetSocketAddress address) {
        if (context == null) {
            return;
        }
        String host = name instanceof ServerName.Called called ? called.name() : address.getHostString();
        SslHandler handler = context.newHandler(channel.alloc(), host, address.getPort());
        SSLEngine engine = handler.engine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(name instanceof ServerName.Unchecked ? null : "HTTPS");
        engine.setSSLParameters(parameters);
        channel.pipeline().addLast(handler);
    }
}

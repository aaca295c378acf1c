package org.zeoraid.zeo.server;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Makes what TLS needs of PEM files. */
final class TlsContext {

    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN ([A-Z0-9 ]+)-----\\s*(?:(?:[\\w-]+:[^\\n]*\\n)+\\s*)?([A-Za-z0-9+/=\\s]+?)-----END \\1-----");

    /** PKCS #8 in front of a PKCS #1 key: version 0, and the algorithm's identifier, which is that of RSA. */
    private static final byte[] RSA = {
        2, 1, 0, 0x30, 0x0d, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
    };

    private TlsContext() {}

    /** @throws IllegalArgumentException if a file cannot be used; the text names it */
    static SslContext of(Tls tls) {
        try {
            List<X509Certificate> chain = certificates(tls.certificate());
            PrivateKey key = key(tls.key());
            SslContextBuilder builder = SslContextBuilder.forServer(key, chain.toArray(new X509Certificate[0]))
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .clientAuth(ClientAuth.REQUIRE);
            if (tls.clients() instanceof Tls.Clients.Known known) {
                builder.trustManager(known(known.fileOrFolder()).toArray(new X509Certificate[0]));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalArgumentException(
                    "TLS cannot be set up with certificate " + tls.certificate() + " and key " + tls.key() + ": " + e,
                    e);
        }
    }

    private static List<X509Certificate> known(Path fileOrFolder) {
        if (!Files.isDirectory(fileOrFolder)) {
            return certificates(fileOrFolder);
        }
        List<X509Certificate> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(fileOrFolder, Files::isRegularFile)) {
            for (Path file : files) {
                if (read(file).contains("BEGIN CERTIFICATE")) {
                    all.addAll(certificates(file));
                }
            }
        } catch (IOException e) {
            throw unreadable(fileOrFolder, e);
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("no file in " + fileOrFolder + " holds a PEM certificate");
        }
        return all;
    }

    private static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> all = new ArrayList<>();
        Matcher block = PEM.matcher(read(file));
        while (block.find()) {
            if (block.group(1).endsWith("CERTIFICATE")) {
                all.add(certificate(file, decoded(file, block.group(2))));
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no PEM certificate");
        }
        return all;
    }

    private static X509Certificate certificate(Path file, byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file) {
        Matcher block = PEM.matcher(read(file));
        while (block.find()) {
            String kind = block.group(1);
            if (kind.endsWith("PRIVATE KEY")) {
                boolean isPlain =
                        !kind.startsWith("ENCRYPTED") && !block.group().contains("Proc-Type: 4,ENCRYPTED");
                if (isPlain && kind.equals("PRIVATE KEY")) {
                    return key(file, decoded(file, block.group(2)));
                }
                if (isPlain && kind.startsWith("RSA")) {
                    return key(file, pkcs8(decoded(file, block.group(2))));
                }
                throw new IllegalArgumentException(file + " holds a key in the form '" + kind
                        + (isPlain ? "'" : "' with a password")
                        + "; convert it with: openssl pkcs8 -topk8 -nocrypt -in "
                        + file + " -out NEW");
            }
        }
        throw new IllegalArgumentException(file + " holds no PEM private key");
    }

    private static PrivateKey key(Path file, byte[] der) {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                // The key says itself of what kind it is; the next one may know it.
            }
        }
        throw new IllegalArgumentException(file + " holds a key that is neither RSA, nor EC, nor EdDSA");
    }

    private static byte[] pkcs8(byte[] rsa) {
        byte[] octets = sized(4, rsa);
        byte[] content = new byte[RSA.length + octets.length];
        System.arraycopy(RSA, 0, content, 0, RSA.length);
        System.arraycopy(octets, 0, content, RSA.length, octets.length);
        return sized(0x30, content);
    }

    /** An element of DER. */
    private static byte[] sized(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            // As few bytes of length as do, after their count.
            byte[] length = BigInteger.valueOf(content.length).toByteArray();
            int zero = length[0] == 0 ? 1 : 0;
            out.write(0x80 | length.length - zero);
            out.write(length, zero, length.length - zero);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] decoded(Path file, String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " is no PEM file: " + e.getMessage(), e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static IllegalArgumentException unreadable(Path file, IOException e) {
        return new IllegalArgumentException(file + " cannot be read: " + e, e);
    }
}

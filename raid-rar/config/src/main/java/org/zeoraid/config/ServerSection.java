package org.zeoraid.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.zeoraid.config.schema.Findings;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.Position;

/** The keys of {@code <zeo>}, after ZEO's own {@code server.xml}: where and how arrays are served to ZEO clients. */
final class ServerSection {

    static final Key<List<SocketAddress>> ADDRESS = Key.several("address", Values.ADDRESS);
    static final Key<Boolean> READ_ONLY = Key.withDefault("read-only", Values.SWITCH, false);
    static final Key<Integer> INVALIDATION_QUEUE_SIZE =
            Key.withDefault("invalidation-queue-size", Values.number(0, 1_000_000), 100);
    static final Key<Duration> INVALIDATION_AGE = Key.optional("invalidation-age", Values.TIME);
    static final Key<Duration> TRANSACTION_TIMEOUT = Key.optional("transaction-timeout", Values.TIME);
    /** On by default, other than in ZEO: this server runs no Python, so nobody but the clients can resolve a conflict. */
    static final Key<Boolean> CLIENT_CONFLICT_RESOLUTION =
            Key.withDefault("client-conflict-resolution", Values.SWITCH, true);

    static final Key<Boolean> MSGPACK = Key.withDefault("msgpack", Values.SWITCH, false);
    static final Key<Path> PID_FILENAME = Key.optional("pid-filename", Values.PATH);
    static final Key<ZeoDefinition.Administration> ADMINISTRATION = Key.withDefault(
            "administration", Values.word(ZeoDefinition.Administration.class), ZeoDefinition.Administration.LOCAL);

    /** In {@code <ssl>}: a file with the server's certificate. */
    static final Key<Path> CERTIFICATE = Key.required("certificate", Values.PATH);
    /** In {@code <ssl>}: a file with the certificate's key, where it is not in the same file. */
    static final Key<Path> KEY = Key.optional("key", Values.PATH);
    /** In {@code <ssl>}: which clients are let in. */
    static final Key<TlsDefinition.Clients> AUTHENTICATE = Key.required(
            "authenticate",
            Values.type(
                    "the path of the certificates that clients must have, or SIGNED",
                    (text, folder) -> text.equals("SIGNED") || text.equals("-")
                            ? new TlsDefinition.Clients.Signed()
                            : new TlsDefinition.Clients.Known(Values.PATH.read(text, folder))));

    static final SectionType SSL = SectionType.of(
            "ssl",
            List.of(
                    CERTIFICATE,
                    KEY,
                    AUTHENTICATE,
                    Key.refused(
                            "password-function",
                            "it names a function in Python, which cannot be called here; expected a key without a"
                                    + " password, in a file that nobody but the server can read")));

    static final SectionType TYPE = SectionType.of(
            "zeo",
            List.of(
                    ADDRESS,
                    READ_ONLY,
                    INVALIDATION_QUEUE_SIZE,
                    INVALIDATION_AGE,
                    TRANSACTION_TIMEOUT,
                    CLIENT_CONFLICT_RESOLUTION,
                    MSGPACK,
                    PID_FILENAME,
                    ADMINISTRATION,
                    Key.meaningless("monitor-address", "ZEO dropped it, and every array has its own status page"),
                    Key.meaningless("authentication-protocol", "ZEO dropped it; <ssl> authenticates clients"),
                    Key.meaningless("authentication-database", "ZEO dropped it; <ssl> authenticates clients"),
                    Key.meaningless("authentication-realm", "ZEO dropped it; <ssl> authenticates clients")),
            List.of(SSL));

    private ServerSection() {}

    /** All {@code <zeo>} of a configuration; what is found wrong is among the findings. */
    static List<ZeoDefinition> read(Section root, Findings findings) {
        List<ZeoDefinition> servers = new ArrayList<>();
        for (Section section : root.sections()) {
            if (section.type().equals(TYPE)) {
                ZeoDefinition server = definition(section, findings);
                refuseSameAddresses(server, servers, section.positionOf(ADDRESS), findings);
                servers.add(server);
            }
        }
        return servers;
    }

    /** One with what {@code <zeo>} has by default. */
    static ZeoDefinition at(List<SocketAddress> addresses, Position position) {
        return new ZeoDefinition(
                position,
                addresses,
                false,
                INVALIDATION_QUEUE_SIZE.fallback().orElseThrow(),
                Optional.empty(),
                Optional.empty(),
                true,
                false,
                Optional.empty(),
                ZeoDefinition.Administration.LOCAL,
                Optional.empty());
    }

    private static ZeoDefinition definition(Section section, Findings findings) {
        return new ZeoDefinition(
                section.position(),
                section.value(ADDRESS),
                section.value(READ_ONLY),
                section.value(INVALIDATION_QUEUE_SIZE),
                section.find(INVALIDATION_AGE),
                section.find(TRANSACTION_TIMEOUT),
                section.value(CLIENT_CONFLICT_RESOLUTION),
                section.value(MSGPACK),
                section.find(PID_FILENAME),
                section.value(ADMINISTRATION),
                tls(section, findings));
    }

    private static Optional<TlsDefinition> tls(Section server, Findings findings) {
        List<Section> sections = server.sections();
        sections.stream()
                .skip(1)
                .forEach(section -> findings.problem(
                        section.position(),
                        "a second <ssl> in " + server.title() + ", after that of "
                                + sections.get(0).position() + "; expected one at the most"));
        return sections.stream()
                .findFirst()
                .map(section -> new TlsDefinition(
                        section.value(CERTIFICATE),
                        section.find(KEY).orElse(section.value(CERTIFICATE)),
                        section.value(AUTHENTICATE)));
    }

    private static void refuseSameAddresses(
            ZeoDefinition server, List<ZeoDefinition> earlier, Position position, Findings findings) {
        List<SocketAddress> taken = new ArrayList<>();
        earlier.forEach(other -> taken.addAll(other.addresses()));
        for (SocketAddress address : server.addresses()) {
            if (taken.contains(address)) {
                findings.problem(
                        position,
                        "something listens at " + address
                                + " already; expected each address once in all <zeo> sections");
            }
            taken.add(address);
        }
    }
}

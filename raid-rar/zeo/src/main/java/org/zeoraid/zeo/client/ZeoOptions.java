package org.zeoraid.zeo.client;

import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A storage of a ZEO server as a member; named after the keys of ZODB's {@code <zeoclient>} section.
 *
 * @param name the member's name, unique in its array
 * @param addresses where the server may be reached, tried in this order: {@link java.net.InetSocketAddress}, best made by
 *     {@code createUnresolved} so that its name is looked up each time, or {@link java.net.UnixDomainSocketAddress}
 * @param storage the storage's name at the server
 * @param waitTimeout how long opening may take for each address, from connecting to being registered
 * @param peerTimeout how long a server may be silent, also about questions whether it is there, before it counts as gone
 * @param tls how TCP connections are encrypted; none if they are not. Unix sockets never are
 * @param blobs where blobs that were read are kept
 * @param packGarbage what the server's own configuration says about packs: needed for packing a Python server, which
 *     cannot be asked
 * @param preference whether reads go here only when no other member can answer
 * @param access whether it is registered for writing, which a server that is read-only refuses
 */
public record ZeoOptions(
        String name,
        List<SocketAddress> addresses,
        String storage,
        Duration waitTimeout,
        Duration peerTimeout,
        Optional<ClientTls> tls,
        Blobs blobs,
        PackGarbage packGarbage,
        Preference preference,
        Access access) {

    /** The storage that is meant where a configuration names none. */
    public static final String DEFAULT_STORAGE = "1";

    /** Where blobs are. */
    public sealed interface Blobs {

        /** In a folder of the system's temporary one, for as long as the member is open. */
        record Temporary() implements Blobs {}

        /**
         * In a folder of this client: a cache of what was read. The oldest are deleted when there is too much.
         *
         * @param bytes how much is kept, at the least what is being read
         */
        record Cache(Path folder, long bytes) implements Blobs {}

        /** In the server's own folder, which both see; {@code shared-blob-dir true}. */
        record Shared(Path folder) implements Blobs {}
    }

    /** What a pack by the server does with objects that nothing references. */
    public enum PackGarbage {
        /** Nobody has said so. A Python server is not packed then; one of our own can be told. */
        UNKNOWN,
        COLLECT,
        KEEP
    }

    /** When an array reads here. */
    public enum Preference {
        NORMAL,
        WRITE_MOSTLY
    }

    /** Whether a server may be written to. */
    public enum Access {
        READ_WRITE,
        READ_ONLY
    }

    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration PEER = Duration.ofSeconds(10);
    private static final long CACHE = 1L << 30;

    /** @throws IllegalArgumentException if there is no address, or a duration is not positive */
    public ZeoOptions {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("the member " + name + " has no address");
        }
        for (Duration timeout : List.of(waitTimeout, peerTimeout)) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("a timeout of the member " + name + " is not positive: " + timeout);
            }
        }
    }

    /** No TLS, blobs in a temporary folder, 30 s to open, 10 s of silence. */
    public static ZeoOptions of(String name, String storage, SocketAddress... addresses) {
        return new ZeoOptions(
                name,
                List.of(addresses),
                storage,
                WAIT,
                PEER,
                Optional.empty(),
                new Blobs.Temporary(),
                PackGarbage.UNKNOWN,
                Preference.NORMAL,
                Access.READ_WRITE);
    }

    public ZeoOptions withWaitTimeout(Duration timeout) {
        return new ZeoOptions(
                name, addresses, storage, timeout, peerTimeout, tls, blobs, packGarbage, preference, access);
    }

    public ZeoOptions withPeerTimeout(Duration timeout) {
        return new ZeoOptions(
                name, addresses, storage, waitTimeout, timeout, tls, blobs, packGarbage, preference, access);
    }

    public ZeoOptions withTls(ClientTls other) {
        return new ZeoOptions(
                name,
                addresses,
                storage,
                waitTimeout,
                peerTimeout,
                Optional.of(other),
                blobs,
                packGarbage,
                preference,
                access);
    }

    public ZeoOptions withBlobs(Blobs other) {
        return new ZeoOptions(
                name, addresses, storage, waitTimeout, peerTimeout, tls, other, packGarbage, preference, access);
    }

    /** Keeps 1 GiB of what was read in a folder. */
    public ZeoOptions withBlobFolder(Path folder) {
        return withBlobs(new Blobs.Cache(folder, CACHE));
    }

    public ZeoOptions withPackGarbage(PackGarbage other) {
        return new ZeoOptions(
                name, addresses, storage, waitTimeout, peerTimeout, tls, blobs, other, preference, access);
    }

    public ZeoOptions withPreference(Preference other) {
        return new ZeoOptions(
                name, addresses, storage, waitTimeout, peerTimeout, tls, blobs, packGarbage, other, access);
    }

    public ZeoOptions withAccess(Access other) {
        return new ZeoOptions(
                name, addresses, storage, waitTimeout, peerTimeout, tls, blobs, packGarbage, preference, other);
    }
}

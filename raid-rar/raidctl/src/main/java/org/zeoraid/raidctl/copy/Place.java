package org.zeoraid.raidctl.copy;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeoraid.raidctl.Refusal;

/** Where a copy comes from or goes to. */
public sealed interface Place {

    /** What ZEO calls a storage without a name. */
    String NAMELESS = "1";

    /** A {@code Data.fs}. */
    record DataFile(Path path) implements Place {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /**
     * An array of a configuration, opened here.
     *
     * @param array blank for the only one
     */
    record Configured(Path configuration, String array) implements Place {
        @Override
        public String toString() {
            return configuration + "#" + array;
        }
    }

    /** How a server is spoken to. */
    enum Security {
        NONE,
        TLS
    }

    /** A storage that a server serves. */
    record Served(SocketAddress address, String storage, Security security) implements Place {

        Served(SocketAddress address, String storage) {
            this(address, storage, Security.NONE);
        }

        @Override
        public String toString() {
            return address instanceof InetSocketAddress inet
                    ? (security == Security.TLS ? "zeos://" : "zeo://") + host(inet.getHostString()) + ":"
                            + inet.getPort() + "/" + storage
                    : "zeo+unix:" + address + "#" + storage;
        }

        private static String host(String name) {
            return name.contains(":") ? "[" + name + "]" : name;
        }
    }

    /**
     * Reads {@code zeo://host:port/storage}, {@code zeos:} for TLS, {@code zeo+unix:/path/of/socket#storage}, {@code zeo.conf#array} or the path
     * of a file.
     *
     * @throws Refusal if it is none of them
     */
    static Place parse(String text) {
        if (text.startsWith("zeo+unix:")) {
            String rest = text.substring("zeo+unix:".length()).replaceFirst("^//(?=/)", "");
            int mark = rest.indexOf('#');
            String path = mark < 0 ? rest : rest.substring(0, mark);
            if (path.isEmpty()) {
                throw Refusal.wrongUse("'" + text + "' names no socket; expected zeo+unix:/path/of/socket#storage");
            }
            return new Served(UnixDomainSocketAddress.of(path), named(mark < 0 ? "" : rest.substring(mark + 1)));
        }
        if (text.startsWith("zeo:") || text.startsWith("zeos:")) {
            Matcher parts = Pattern.compile("zeos?://(\\[[^\\]]+\\]|[^:/\\[\\]]*):(\\d{1,5})(?:/([^/]*))?")
                    .matcher(text);
            if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65535) {
                throw Refusal.wrongUse("'" + text + "' is no address; expected zeo://host:port/storage");
            }
            String host = parts.group(1).replaceAll("[\\[\\]]", "");
            return new Served(
                    new InetSocketAddress(host.isEmpty() ? "localhost" : host, Integer.parseInt(parts.group(2))),
                    named(parts.group(3) == null ? "" : parts.group(3)),
                    text.startsWith("zeos:") ? Security.TLS : Security.NONE);
        }
        int mark = text.lastIndexOf('#');
        if (mark > 0) {
            return new Configured(Path.of(text.substring(0, mark)), text.substring(mark + 1));
        }
        if (text.isEmpty()) {
            throw Refusal.wrongUse("a place is missing; expected a file, zeo.conf#array or zeo://host:port/storage");
        }
        return new DataFile(Path.of(text));
    }

    private static String named(String storage) {
        return storage.isEmpty() ? NAMELESS : storage;
    }
}

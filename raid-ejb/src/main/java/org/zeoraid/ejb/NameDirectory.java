package org.zeoraid.ejb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;

/**
 * Names of objects, kept under the root object as a trie over the names' hashes: the root is a leaf until it holds more
 * than {@value #LEAF_MAX} names, then a branch with 16 leaves, and so on. Only leaves change after that, so that two
 * transactions that bind different names in a directory of some size seldom meet; those that bind the same name always
 * do, since both write the leaf it belongs to, and one of them gets a conflict.
 *
 * <p>Works on the connection, hence in the transaction, that it is given.
 */
final class NameDirectory {

    static final int LEAF_MAX = 128;

    /** Four bits a level: a name's hash has no more than this. */
    private static final int MAX_DEPTH = 16;

    private final RaidConnection connection;

    NameDirectory(RaidConnection connection) {
        this.connection = connection;
    }

    Optional<Oid> lookup(String name) {
        return Optional.ofNullable(place(checked(name)).entries().get(name));
    }

    boolean bind(String name, Oid oid) {
        Place place = place(checked(name));
        Oid present = place.entries().putIfAbsent(name, oid);
        if (present != null) {
            return present.equals(oid);
        }
        write(place);
        return true;
    }

    Optional<Oid> rebind(String name, Oid oid) {
        Place place = place(checked(name));
        Optional<Oid> previous = Optional.ofNullable(place.entries().put(name, oid));
        write(place);
        return previous;
    }

    Optional<Oid> unbind(String name) {
        Place place = place(checked(name));
        Optional<Oid> previous = Optional.ofNullable(place.entries().remove(name));
        if (previous.isPresent()) {
            write(place);
        }
        return previous;
    }

    SortedMap<String, Oid> list(String prefix) {
        TreeMap<String, Oid> all = new TreeMap<>();
        collect(Oid.ROOT, prefix, all);
        return all;
    }

    private void collect(Oid oid, String prefix, Map<String, Oid> into) {
        NameNode node = read(oid);
        if (node instanceof NameNode.Branch branch) {
            branch.children().forEach(child -> collect(child, prefix, into));
        } else if (node instanceof NameNode.Leaf leaf) {
            leaf.entries().tailMap(prefix).entrySet().stream()
                    .takeWhile(entry -> entry.getKey().startsWith(prefix))
                    .forEach(entry -> into.put(entry.getKey(), entry.getValue()));
        }
    }

    /** The leaf that a name belongs to. */
    private record Place(Oid node, int depth, SortedMap<String, Oid> entries) {}

    private Place place(String name) {
        long hash = hash(name);
        Oid oid = Oid.ROOT;
        for (int depth = 0; ; depth++) {
            NameNode node = read(oid);
            if (node instanceof NameNode.Leaf leaf) {
                return new Place(oid, depth, leaf.entries());
            }
            oid = ((NameNode.Branch) node).children().get(slot(hash, depth));
        }
    }

    private NameNode read(Oid oid) {
        try {
            return NameNode.decode(oid, connection.load(oid).data());
        } catch (ObjectNotFoundException e) {
            if (oid.equals(Oid.ROOT)) {
                return NameNode.emptyLeaf();
            }
            throw e;
        }
    }

    private void write(Place place) {
        connection.store(place.node(), shaped(place.entries(), place.depth()).encode());
    }

    /** A leaf while it is small enough; else a branch over leaves, which are stored here. */
    private NameNode shaped(SortedMap<String, Oid> entries, int depth) {
        if (entries.size() <= LEAF_MAX || depth == MAX_DEPTH) {
            return new NameNode.Leaf(entries);
        }
        List<SortedMap<String, Oid>> parts = new ArrayList<>();
        for (int i = 0; i < NameNode.FAN_OUT; i++) {
            parts.add(new TreeMap<>());
        }
        entries.forEach((name, oid) -> parts.get(slot(hash(name), depth)).put(name, oid));
        List<Oid> children = connection.newOids(NameNode.FAN_OUT);
        for (int i = 0; i < NameNode.FAN_OUT; i++) {
            connection.store(children.get(i), shaped(parts.get(i), depth + 1).encode());
        }
        return new NameNode.Branch(children);
    }

    private static int slot(long hash, int depth) {
        return (int) (hash >>> (60 - 4 * depth)) & 0xF;
    }

    /** The first 8 bytes of the SHA-256 of the name in UTF-8. */
    private static long hash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String checked(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > NameNode.MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "a name has 1 to " + NameNode.MAX_NAME_BYTES + " bytes in UTF-8, not " + bytes);
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name has no control characters");
        }
        return name;
    }
}

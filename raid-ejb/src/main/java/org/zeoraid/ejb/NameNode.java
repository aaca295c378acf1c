package org.zeoraid.ejb;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;

/**
 * A record of the directory of names, all numbers big-endian:
 *
 * <pre>
 * 0   4  'Z' 'R' 'N' and the format's version, 1
 * 4   1  kind: 0 leaf, 1 branch
 * leaf:
 * 5   4  number of entries
 *        for each, in the order of their names (Unicode code units):
 *        2  length of the name in bytes, 1 to 1024
 *        …  the name, UTF-8
 *        8  oid
 * branch:
 * 5 128  16 oids of nodes, never changed once written
 * </pre>
 *
 * No pickle begins with a Z, so that Python's objects and these are told apart, by us and by a pack.
 */
sealed interface NameNode {

    /** Children of a branch; each level takes four bits of the name's hash. */
    int FAN_OUT = 16;

    int MAX_NAME_BYTES = 1024;

    /** Names and what they stand for. */
    record Leaf(SortedMap<String, Oid> entries) implements NameNode {}

    /** Where to look further. */
    record Branch(List<Oid> children) implements NameNode {}

    static Leaf emptyLeaf() {
        return new Leaf(new TreeMap<>());
    }

    /**
     * Reads a record.
     *
     * @throws ProtocolException if it is no node of a directory
     * @throws CorruptedException if it is one, and damaged
     */
    static NameNode decode(Oid oid, byte[] data) {
        if (data.length < 5 || data[0] != 'Z' || data[1] != 'R' || data[2] != 'N') {
            throw new ProtocolException("object " + oid + " is no directory of names but something else, "
                    + "such as a Python application's root: this application needs a database of its own");
        }
        if (data[3] != 1) {
            throw new ProtocolException("object " + oid + " is a directory of names of version " + data[3]
                    + ", and this is a program for version 1");
        }
        ByteBuffer in = ByteBuffer.wrap(data, 4, data.length - 4);
        try {
            NameNode node = in.get() == 0 ? leaf(in) : branch(in);
            if (in.hasRemaining()) {
                throw damaged(oid);
            }
            return node;
        } catch (BufferUnderflowException e) {
            throw damaged(oid);
        }
    }

    private static Leaf leaf(ByteBuffer in) {
        int count = in.getInt();
        TreeMap<String, Oid> entries = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(name);
            entries.put(new String(name, StandardCharsets.UTF_8), new Oid(in.getLong()));
        }
        return new Leaf(entries);
    }

    private static Branch branch(ByteBuffer in) {
        List<Oid> children = new ArrayList<>(FAN_OUT);
        for (int i = 0; i < FAN_OUT; i++) {
            children.add(new Oid(in.getLong()));
        }
        return new Branch(List.copyOf(children));
    }

    private static CorruptedException damaged(Oid oid) {
        return new CorruptedException("object " + oid, "a directory of names that is cut off or has too much");
    }

    /** The record. */
    default byte[] encode() {
        if (this instanceof Leaf leaf) {
            List<byte[]> names = leaf.entries().keySet().stream()
                    .map(name -> name.getBytes(StandardCharsets.UTF_8))
                    .toList();
            ByteBuffer out = start(
                    0, 4 + names.stream().mapToInt(name -> 10 + name.length).sum());
            out.putInt(names.size());
            int i = 0;
            for (Oid oid : leaf.entries().values()) {
                byte[] name = names.get(i++);
                out.putShort((short) name.length).put(name).putLong(oid.value());
            }
            return out.array();
        }
        ByteBuffer out = start(1, 8 * FAN_OUT);
        ((Branch) this).children().forEach(child -> out.putLong(child.value()));
        return out.array();
    }

    private static ByteBuffer start(int kind, int size) {
        return ByteBuffer.allocate(5 + size).put(new byte[] {'Z', 'R', 'N', 1, (byte) kind});
    }
}

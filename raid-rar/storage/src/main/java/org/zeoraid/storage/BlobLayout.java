package org.zeoraid.storage;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How blob files lie in their folder, after ZODB's two layouts. The folder's file {@link #MARKER} holds the {@link #word} of
 * the one that it has.
 */
public enum BlobLayout {
    /** Eight levels of folders, one for each byte of the oid. */
    BUSHY {
        @Override
        public Path folder(Path base, Oid oid) {
            Path folder = base;
            String hex = oid.toString();
            for (int i = 0; i < 16; i += 2) {
                folder = folder.resolve("0x" + hex.substring(i, i + 2));
            }
            return folder;
        }
    },
    /** One folder for each object; only old databases have it. */
    LAWN {
        @Override
        public Path folder(Path base, Oid oid) {
            return base.resolve(shortHex(oid.value()));
        }
    };

    /** The file that names the layout. */
    public static final String MARKER = ".layout";

    private static final String SUFFIX = ".blob";

    /** The folder of an object's blobs. */
    public abstract Path folder(Path base, Oid oid);

    /** What stands in the marker. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The file of a revision of a blob. */
    public Path file(Path base, Oid oid, Tid tid) {
        return folder(base, oid).resolve(shortHex(tid.value()) + SUFFIX);
    }

    /** The layout that a marker names, if it is one of the two. */
    public static Optional<BlobLayout> named(String word) {
        return Stream.of(values())
                .filter(layout -> layout.word().equals(word.strip()))
                .findFirst();
    }

    /** Whether a file's name is that of a blob of a transaction later than one. */
    public static boolean isLaterThan(Tid tid, String fileName) {
        if (!fileName.startsWith("0x") || !fileName.endsWith(SUFFIX)) {
            return false;
        }
        try {
            long value = Long.parseUnsignedLong(fileName.substring(2, fileName.length() - SUFFIX.length()), 16);
            return Long.compareUnsigned(value, tid.value()) > 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** A revision of a blob. */
    public record Name(Oid oid, Tid tid) {}

    /** Whose file it is, from its path below the base, in either layout; empty for files that are no blobs. */
    public static Optional<Name> nameOf(Path below) {
        String file = below.getFileName().toString();
        Path folder = below.getParent();
        if (folder == null || !isLaterThan(Tid.NONE, file)) {
            return Optional.empty();
        }
        StringBuilder oid = new StringBuilder();
        for (Path part : folder) {
            String text = part.toString();
            if (!text.startsWith("0x")) {
                return Optional.empty();
            }
            oid.append(text, 2, text.length());
        }
        try {
            long tid = Long.parseUnsignedLong(file.substring(2, file.length() - SUFFIX.length()), 16);
            return Optional.of(new Name(new Oid(Long.parseUnsignedLong(oid.toString(), 16)), new Tid(tid)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whole bytes, without those at the start that are zero. */
    private static String shortHex(long value) {
        String hex = Long.toHexString(value);
        return "0x" + (hex.length() % 2 == 0 ? hex : "0" + hex);
    }
}

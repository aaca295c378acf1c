package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The names on a {@link FaultDisk}: those seen now, those on stable storage, and the changes between. */
final class FaultNames {

    /** An entry of a folder: a file's content, or nothing for a folder. */
    private record Entry(@Nullable FaultContent file) {}

    /**
     * A change of names that is not on stable storage yet.
     *
     * @param added the name that appeared, if any, and what it names
     * @param removed the name that vanished, if any
     * @param moved whether the name vanishes because the file got one in another folder, and so not before it has it
     */
    private record Change(@Nullable Path added, @Nullable Path removed, Entry entry, boolean moved) {

        static Change added(Path path, Entry entry) {
            return new Change(path, null, entry, false);
        }

        boolean concerns(Path folder) {
            return added != null
                    ? folder.equals(added.getParent())
                    : removed != null && folder.equals(removed.getParent());
        }
    }

    private final TreeMap<Path, Entry> seen = new TreeMap<>();
    private final TreeMap<Path, Entry> durable = new TreeMap<>();
    private final List<Change> unsynced = new ArrayList<>();

    @Nullable FaultContent file(Path path) {
        Entry entry = seen.get(path);
        return entry == null ? null : entry.file();
    }

    boolean exists(Path path) {
        return seen.containsKey(path) || path.getParent() == null;
    }

    boolean isFolder(Path path) {
        Entry entry = seen.get(path);
        return path.getParent() == null || entry != null && entry.file() == null;
    }

    void checkFolder(@Nullable Path path) throws IOException {
        if (path == null || !isFolder(path)) {
            throw new NoSuchFileException(String.valueOf(path));
        }
    }

    List<String> list(Path folder) {
        List<String> names = new ArrayList<>();
        for (Path path : seen.tailMap(folder, false).keySet()) {
            if (!path.startsWith(folder)) {
                break;
            }
            if (folder.equals(path.getParent())) {
                names.add(path.getFileName().toString());
            }
        }
        names.sort(null);
        return names;
    }

    List<Path> files() {
        return seen.entrySet().stream()
                .filter(each -> each.getValue().file() != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    long totalBytes() {
        Map<FaultContent, Boolean> once = new IdentityHashMap<>();
        long bytes = 0;
        for (Entry entry : seen.values()) {
            FaultContent file = entry.file();
            if (file != null && once.put(file, true) == null) {
                bytes += file.size();
            }
        }
        return bytes;
    }

    void putDurably(Path path, FaultContent content) {
        for (Path folder = path.getParent();
                folder != null && folder.getParent() != null;
                folder = folder.getParent()) {
            seen.putIfAbsent(folder, new Entry(null));
            durable.putIfAbsent(folder, new Entry(null));
        }
        Entry replaced = seen.put(path, new Entry(content));
        if (replaced != null && replaced.file() != null) {
            replaced.file().names--;
        }
        content.names++;
        durable.put(path, new Entry(content));
    }

    void add(Path path, FaultContent content) {
        Entry entry = new Entry(content);
        seen.put(path, entry);
        content.names++;
        unsynced.add(Change.added(path, entry));
    }

    void addFolder(Path path) {
        Entry entry = new Entry(null);
        if (seen.putIfAbsent(path, entry) == null) {
            unsynced.add(Change.added(path, entry));
        }
    }

    void remove(Path path) throws IOException {
        if (isFolder(path) && !list(path).isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        Entry entry = seen.remove(path);
        if (entry != null) {
            if (entry.file() != null) {
                entry.file().names--;
            }
            unsynced.add(new Change(null, path, entry, false));
        }
    }

    void rename(Path from, Path to) throws IOException {
        checkFolder(to.getParent());
        Entry entry = seen.get(from);
        if (entry == null) {
            throw new NoSuchFileException(from.toString());
        }
        if (isFolder(to) && !list(to).isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        if (entry.file() == null) {
            renameFolder(from, to, entry);
            return;
        }
        Entry replaced = seen.get(to);
        if (replaced != null && replaced.file() == entry.file()) {
            // POSIX: two names of one file; nothing happens.
            return;
        }
        seen.remove(from);
        seen.put(to, entry);
        if (replaced != null && replaced.file() != null) {
            replaced.file().names--;
        }
        if (from.getParent().equals(to.getParent())) {
            unsynced.add(new Change(to, from, entry, false));
        } else {
            unsynced.add(Change.added(to, entry));
            unsynced.add(new Change(null, from, entry, true));
        }
    }

    /** A folder takes all below it along; simplified to a renaming that is durable at once. */
    private void renameFolder(Path from, Path to, Entry entry) {
        for (TreeMap<Path, Entry> map : List.of(seen, durable)) {
            Map<Path, Entry> moved = new HashMap<>();
            for (Map.Entry<Path, Entry> each : map.tailMap(from).entrySet()) {
                if (!each.getKey().startsWith(from)) {
                    break;
                }
                moved.put(each.getKey(), each.getValue());
            }
            moved.forEach((path, value) -> {
                map.remove(path);
                map.put(path.equals(from) ? to : to.resolve(from.relativize(path)), value);
            });
            map.putIfAbsent(to, entry);
        }
        unsynced.replaceAll(change -> new Change(
                moved(change.added(), from, to), moved(change.removed(), from, to), change.entry(), change.moved()));
    }

    private static @Nullable Path moved(@Nullable Path path, Path from, Path to) {
        return path != null && path.startsWith(from) && !path.equals(from) ? to.resolve(from.relativize(path)) : path;
    }

    void sync(Path folder) {
        List<Change> later = new ArrayList<>();
        for (Change change : unsynced) {
            if (!change.concerns(folder) || !apply(change, durable)) {
                later.add(change);
            }
        }
        unsynced.clear();
        unsynced.addAll(later);
    }

    FaultNames afterCrash(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<Path, Entry> found = new TreeMap<>(durable);
        if (seed == FaultDisk.ALL_SURVIVES) {
            found = new TreeMap<>(seen);
        } else if (seed != FaultDisk.NOTHING_SURVIVES) {
            for (Change change : unsynced) {
                if (random.nextBoolean()) {
                    apply(change, found);
                }
            }
        }
        FaultNames result = new FaultNames();
        Map<FaultContent, FaultContent> copies = new IdentityHashMap<>();
        found.forEach((path, entry) -> {
            Path parent = path.getParent();
            if (parent == null || parent.getParent() != null && !result.seen.containsKey(parent)) {
                return;
            }
            FaultContent file = entry.file();
            Entry copy =
                    new Entry(file == null ? null : copies.computeIfAbsent(file, each -> survivor(each, seed, random)));
            if (copy.file() != null) {
                copy.file().names++;
            }
            result.seen.put(path, copy);
            result.durable.put(path, copy);
        });
        return result;
    }

    private static FaultContent survivor(FaultContent file, long seed, SplittableRandom random) {
        if (seed == FaultDisk.ALL_SURVIVES) {
            return new FaultContent(file.bytes());
        }
        return new FaultContent(seed == FaultDisk.NOTHING_SURVIVES ? file.durable() : file.survivor(random));
    }

    /** @return false if nothing was done because a moved file has not arrived yet */
    private static boolean apply(Change change, Map<Path, Entry> names) {
        FaultContent file = change.entry().file();
        if (change.added() != null) {
            names.put(change.added(), change.entry());
        }
        if (change.removed() == null) {
            return true;
        }
        if (change.moved()
                && names.entrySet().stream()
                        .noneMatch(each ->
                                each.getValue().file() == file && !each.getKey().equals(change.removed()))) {
            return false;
        }
        Entry there = names.get(change.removed());
        if (there != null && there.file() == file) {
            names.remove(change.removed());
        }
        return true;
    }
}

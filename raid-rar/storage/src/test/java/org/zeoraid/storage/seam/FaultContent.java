package org.zeoraid.storage.seam;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The bytes of a file of a {@link FaultDisk}: what readers see, what is on stable storage, and all that lies between. */
final class FaultContent {

    private static final int SECTOR = 512;

    private sealed interface Change {
        record Write(long position, byte[] bytes) implements Change {}

        record Truncate(long size) implements Change {}
    }

    private byte[] seen;
    private int size;
    private byte[] durable;
    private final List<Change> unsynced = new ArrayList<>();
    /** Whether some of what is seen is never written any more: it takes another write to have it on stable storage. */
    private boolean lost;

    int names;
    int openings;

    FaultContent(byte[] bytes) {
        seen = bytes.clone();
        size = bytes.length;
        durable = bytes.clone();
    }

    int size() {
        return size;
    }

    byte[] bytes() {
        return Arrays.copyOf(seen, size);
    }

    int read(byte[] target, int offset, int length, long position) {
        int count = (int) Math.max(0, Math.min(length, size - position));
        if (count > 0) {
            System.arraycopy(seen, (int) position, target, offset, count);
        }
        return count;
    }

    void write(long position, byte[] bytes) {
        int end = Math.toIntExact(position + bytes.length);
        if (end > seen.length) {
            seen = Arrays.copyOf(seen, Math.max(end, Math.min(seen.length * 2, seen.length + (64 << 20))));
        }
        System.arraycopy(bytes, 0, seen, (int) position, bytes.length);
        size = Math.max(size, end);
        unsynced.add(new Change.Write(position, bytes));
    }

    void truncate(long newSize) {
        if (newSize < size) {
            Arrays.fill(seen, (int) newSize, size, (byte) 0);
            size = (int) newSize;
            unsynced.add(new Change.Truncate(newSize));
        }
    }

    void sync() {
        if (lost) {
            for (Change change : unsynced) {
                durable = applied(durable, change);
            }
        } else if (!unsynced.isEmpty()) {
            durable = bytes();
        }
        unsynced.clear();
    }

    private static byte[] applied(byte[] bytes, Change change) {
        if (change instanceof Change.Truncate truncate) {
            return Arrays.copyOf(bytes, (int) Math.min(bytes.length, truncate.size()));
        }
        Change.Write write = (Change.Write) change;
        int start = (int) write.position();
        byte[] result = Arrays.copyOf(bytes, Math.max(bytes.length, start + write.bytes().length));
        System.arraycopy(write.bytes(), 0, result, start, write.bytes().length);
        return result;
    }

    /** A sync failed: what it was to write is still seen, but nobody will write it any more. */
    void loseSync(SplittableRandom random) {
        durable = survivor(random);
        unsynced.clear();
        lost = true;
    }

    byte[] durable() {
        return durable.clone();
    }

    /** What may be found after a crash. */
    byte[] survivor(SplittableRandom random) {
        if (unsynced.isEmpty()) {
            return durable.clone();
        }
        byte[] result = durable.clone();
        boolean garbage = random.nextInt(4) == 0;
        for (Change change : unsynced) {
            if (change instanceof Change.Truncate truncate) {
                if (random.nextBoolean()) {
                    result = resize(result, (int) Math.min(result.length, truncate.size()), false, random);
                }
            } else if (change instanceof Change.Write write) {
                result = apply(result, write, garbage, random);
            }
        }
        return switch (random.nextInt(4)) {
            case 0 -> resize(result, Math.max(result.length, size), garbage, random);
            case 1 ->
                resize(
                        result,
                        random.nextInt(Math.min(result.length, size), Math.max(result.length, size) + 1),
                        garbage,
                        random);
            default -> result;
        };
    }

    private static byte[] apply(byte[] bytes, Change.Write write, boolean garbage, SplittableRandom random) {
        int start = (int) write.position();
        int length = write.bytes().length;
        byte[] result = bytes;
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                result = resize(result, Math.max(result.length, start + length), garbage, random);
                System.arraycopy(write.bytes(), 0, result, start, length);
            }
            case 2 -> {
                int torn = random.nextInt(length + 1);
                result = resize(result, Math.max(result.length, start + torn), garbage, random);
                System.arraycopy(write.bytes(), 0, result, start, torn);
            }
            case 3 -> {
                for (int at = start; at < start + length; ) {
                    int end = Math.min(start + length, (at / SECTOR + 1) * SECTOR);
                    if (random.nextBoolean()) {
                        result = resize(result, Math.max(result.length, end), garbage, random);
                        System.arraycopy(write.bytes(), at - start, result, at, end - at);
                    }
                    at = end;
                }
            }
            default -> {
                // Lost.
            }
        }
        return result;
    }

    private static byte[] resize(byte[] bytes, int size, boolean garbage, SplittableRandom random) {
        if (size == bytes.length) {
            return bytes;
        }
        byte[] result = Arrays.copyOf(bytes, size);
        if (garbage && size > bytes.length) {
            byte[] filler = new byte[size - bytes.length];
            random.nextBytes(filler);
            System.arraycopy(filler, 0, result, bytes.length, filler.length);
        }
        return result;
    }
}

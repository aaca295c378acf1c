package org.zeoraid.test.halting;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The points that a server passes. In a folder that both sides know the tests put a file with the name of the point at which it is
 * to be halted, as if its power had failed, or of a disk that is to fail.
 */
public final class HaltingPoints {
    static final String FOLDER = "raid.halting";

    private static final Path WANTED = Path.of(System.getProperty(FOLDER, "none"));

    private HaltingPoints() {}

    /** Is told of a point, such as {@code before decision}. */
    public static void pass(String when, String what) {
        if (Files.exists(WANTED.resolve(when + ' ' + what))) {
            Runtime.getRuntime().halt(9);
        }
    }

    /** Such as {@code before commit of main}. */
    public static void pass(String when, String call, Object resource) {
        pass(when, call + " of " + name(resource));
    }

    private static String name(Object resource) {
        Class<?> type = resource.getClass();
        if (type.getName().startsWith("org.postgresql.")) {
            return "database";
        }
        try {
            Field field = type.getDeclaredField("array");
            field.setAccessible(true);
            Object array = field.get(resource);
            Method name = array.getClass().getDeclaredMethod("name");
            name.setAccessible(true);
            return String.valueOf(name.invoke(array));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Such as {@code before sync of Data.fs}. {@code fault in c} is for all files in a folder {@code c}. */
    public static void passSync(String when, @Nullable Path file) throws IOException {
        if (file == null) {
            return;
        }
        Path folder = file.getParent();
        if (folder != null && Files.exists(WANTED.resolve("fault in " + folder.getFileName()))) {
            throw new IOException("a fault of " + file);
        }
        pass(when, "sync of " + file.getFileName());
    }
}

package org.zeoraid.zeo.server;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All methods that a registered client may call, by name. Nothing else is ever looked up by a name from the wire. */
final class Methods {

    private static final Map<String, Method> ALL = all(
            Reading::register,
            Iterating::register,
            Extensions::register,
            Committing::register,
            Administering::register);

    private Methods() {}

    @SafeVarargs
    private static Map<String, Method> all(Consumer<Method.Registry>... kinds) {
        Map<String, Method> all = new HashMap<>();
        for (Consumer<Method.Registry> kind : kinds) {
            kind.accept((name, method) -> {
                if (all.put(name, method) != null) {
                    throw new IllegalStateException("two methods are named " + name);
                }
            });
        }
        return Map.copyOf(all);
    }

    static @Nullable Method named(String name) {
        return ALL.get(name);
    }
}

package org.zeoraid.config.member;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.config.syntax.Position;

/** The kinds of members that there are, ours and those of plugged-in jars alike. Immutable. */
public final class MemberKinds {

    private static final Logger LOG = System.getLogger("org.zeoraid.config");

    private static final int MOST_FAILURES = 100;

    private final Map<String, MemberKind> kinds;

    private MemberKinds(Map<String, MemberKind> kinds) {
        this.kinds = Map.copyOf(kinds);
    }

    /**
     * Looks for kinds beside this class and in the calling thread's context, which in an application server is an
     * application's. A kind that cannot be loaded is logged and left out: only configurations that name it are concerned.
     *
     * @throws ConfigurationException if two kinds have the same section type
     */
    public static MemberKinds find() {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        loaders.add(MemberKinds.class.getClassLoader());
        Optional.ofNullable(Thread.currentThread().getContextClassLoader()).ifPresent(loaders::add);
        Map<Class<?>, MemberKind> found = new LinkedHashMap<>();
        loaders.forEach(loader -> load(loader).forEach(kind -> found.putIfAbsent(kind.getClass(), kind)));
        return of(List.copyOf(found.values()));
    }

    /** @throws ConfigurationException if two kinds have the same section type */
    public static MemberKinds of(List<MemberKind> kinds) {
        Map<String, MemberKind> byType = new LinkedHashMap<>();
        for (MemberKind kind : kinds) {
            MemberKind other = byType.putIfAbsent(kind.section().type(), kind);
            if (other != null) {
                throw new ConfigurationException(
                        new Position("class path", 0),
                        "two kinds of members have the section type <"
                                + kind.section().type() + ">: "
                                + other.getClass().getName() + " and "
                                + kind.getClass().getName() + "; take the jar of one of them away");
            }
        }
        return new MemberKinds(byType);
    }

    /** All of them, in the order of their section types. */
    public List<MemberKind> all() {
        return kinds.values().stream()
                .sorted(Comparator.comparing((MemberKind kind) -> kind.section().type()))
                .toList();
    }

    /** The kind with this section type. */
    public Optional<MemberKind> of(String type) {
        return Optional.ofNullable(kinds.get(type));
    }

    private static List<MemberKind> load(ClassLoader loader) {
        List<MemberKind> loaded = new ArrayList<>();
        Iterator<MemberKind> iterator =
                ServiceLoader.load(MemberKind.class, loader).iterator();
        // A loader that cannot read its own jars would fail for ever.
        for (int failures = 0; failures < MOST_FAILURES; ) {
            try {
                if (!iterator.hasNext()) {
                    return loaded;
                }
                loaded.add(iterator.next());
            } catch (ServiceConfigurationError e) {
                failures++;
                LOG.log(
                        Level.WARNING,
                        "A kind of member cannot be loaded and is left out; correct or remove the jar that brings it: "
                                + e.getMessage(),
                        e);
            }
        }
        return loaded;
    }
}

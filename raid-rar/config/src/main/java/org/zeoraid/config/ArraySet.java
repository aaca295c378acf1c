package org.zeoraid.config;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.syntax.Problem;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/**
 * All arrays of a configuration, open. An array that cannot be opened does not keep the others from serving: it is failed,
 * says why, and is tried again. Safe for any number of threads.
 */
public final class ArraySet implements AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.config");

    private final List<ConfiguredArray> arrays;
    private final Environment environment;
    private final Optional<SystemEnvironment> own;

    private ArraySet(List<ConfiguredArray> arrays, Environment environment, Optional<SystemEnvironment> own) {
        this.environment = environment;
        this.arrays = List.copyOf(arrays);
        this.own = own;
    }

    /** Opens the arrays with time, threads and files of the system, which {@link #close} gives back. */
    public static ArraySet open(RaidConfiguration configuration) {
        SystemEnvironment environment = new SystemEnvironment();
        try {
            return new ArraySet(open(environment, configuration), environment, Optional.of(environment));
        } catch (RuntimeException | Error e) {
            environment.close();
            throw e;
        }
    }

    /** Opens the arrays in an environment that somebody else closes, after this. */
    public static ArraySet open(RaidConfiguration configuration, Environment environment) {
        return new ArraySet(open(environment, configuration), environment, Optional.empty());
    }

    private static List<ConfiguredArray> open(Environment environment, RaidConfiguration configuration) {
        for (Problem notice : configuration.notices()) {
            LOG.log(Level.INFO, notice.toString());
        }
        List<ConfiguredArray> arrays = new ArrayList<>();
        try {
            for (ArrayDefinition definition : configuration.arrays()) {
                LOG.log(
                        Level.INFO,
                        "opens array " + definition.name() + " of " + configuration.origin() + ": members "
                                + definition.members().stream()
                                        .map(MemberDefinition::name)
                                        .collect(Collectors.joining(", "))
                                + "; state in " + definition.stateFolder());
                arrays.add(ConfiguredArray.open(environment, configuration, definition));
            }
        } catch (RuntimeException | Error e) {
            close(arrays);
            throw e;
        }
        return arrays;
    }

    /** In the order of the configuration, those that could not be opened included. */
    public List<ConfiguredArray> arrays() {
        return arrays;
    }

    public Optional<ConfiguredArray> array(String name) {
        return arrays.stream().filter(array -> array.name().equals(name)).findFirst();
    }

    Environment environment() {
        return environment;
    }

    /** Closes all arrays, side by side, and waits for their ends. */
    @Override
    public void close() {
        close(arrays);
        own.ifPresent(SystemEnvironment::close);
    }

    private static void close(List<ConfiguredArray> arrays) {
        CompletableFuture.allOf(arrays.stream()
                        .map(array -> array.closeAsync().toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }
}

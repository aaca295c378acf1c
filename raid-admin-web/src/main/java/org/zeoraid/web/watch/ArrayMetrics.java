package org.zeoraid.web.watch;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.Tag;
import org.zeoraid.ejb.ArrayAccess;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.web.action.Action;

/**
 * Figures of each array for monitoring, by the tag {@code array}: {@code raid_array_state} (0 optimal, 1 recovering, 2
 * degraded, 3 failed), {@code raid_array_members}, {@code raid_array_members_optimal}, {@code raid_array_generation},
 * {@code raid_array_branch_in_doubt_seconds}.
 */
@Singleton
@Startup
public class ArrayMetrics {

    private static final Logger LOG = System.getLogger("org.zeoraid.web");

    @Inject
    MetricRegistry registry;

    @Inject
    ArrayAccess arrays;

    @PostConstruct
    void register() {
        try {
            arrays.administration().arrays().forEach(this::gauges);
        } catch (StorageException e) {
            LOG.log(Logger.Level.WARNING, "there are no metrics of arrays: {0}", e.getMessage());
        }
    }

    private void gauges(String array) {
        gauge(
                array,
                "raid.array.state",
                "0 optimal, 1 recovering, 2 degraded, 3 failed",
                status -> figure(status.state()));
        gauge(array, "raid.array.members", "members configured", status -> status.members()
                .size());
        gauge(array, "raid.array.members.optimal", "members that hold everything", Action::optimal);
        gauge(array, "raid.array.generation", "changes of membership so far", ArrayStatus::generation);
        publish(
                array,
                "raid.array.branch.in.doubt.seconds",
                "how long the oldest branch in doubt has waited for its transaction manager, 0 if there is none",
                this::longestDoubt);
    }

    private double longestDoubt(ArrayAdministration array) {
        Instant now = Instant.now();
        return array.preparedBranches().stream()
                .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT)
                .mapToDouble(branch -> Duration.between(branch.since(), now).toMillis() / 1e3)
                .max()
                .orElse(0);
    }

    private static long figure(ArrayState state) {
        return switch (state) {
            case OPTIMAL -> 0;
            case RECOVERING -> 1;
            case DEGRADED -> 2;
            case FAILED -> 3;
        };
    }

    private void gauge(String array, String name, String description, ToLongFunction<ArrayStatus> figure) {
        publish(array, name, description, asked -> figure.applyAsLong(asked.status()));
    }

    private void publish(String array, String name, String description, ToDoubleFunction<ArrayAdministration> figure) {
        Metadata metadata =
                Metadata.builder().withName(name).withDescription(description).build();
        registry.gauge(metadata, () -> figure(array, figure), new Tag("array", array));
    }

    /** Not a number for an array that cannot be asked: an alert must not take that for well. */
    private double figure(String array, ToDoubleFunction<ArrayAdministration> figure) {
        try {
            return figure.applyAsDouble(arrays.administration().array(array));
        } catch (StorageException | AdministrationException e) {
            return Double.NaN;
        }
    }
}

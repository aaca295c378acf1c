package org.zeoraid.web.watch;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.ejb.ArrayAccess;
import org.zeoraid.web.api.StatusJson;

/**
 * Tells followers that something about the arrays has changed. Looks once a second, only while somebody follows. Safe for
 * any number of threads.
 */
@ApplicationScoped
public class ArrayWatch {

    /** More than this would be a mistake, or worse. */
    private static final int MOST_FOLLOWERS = 200;

    private static final int SECONDS_BETWEEN_SIGNS_OF_LIFE = 15;

    @Inject
    ArrayAccess arrays;

    @Resource
    ManagedScheduledExecutorService executor;

    private final List<Follower> followers = new ArrayList<>();
    private @Nullable ScheduledFuture<?> looking;
    private String picture = "";
    private int quietSeconds;

    /**
     * Adds a follower.
     *
     * @return whether there was room
     */
    public boolean follow(Follower follower) {
        synchronized (followers) {
            if (followers.size() >= MOST_FOLLOWERS) {
                return false;
            }
            followers.add(follower);
            if (looking == null) {
                picture = look();
                looking = executor.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
            }
            return true;
        }
    }

    private void tick() {
        String seen = look();
        synchronized (followers) {
            boolean changed = !seen.equals(picture);
            picture = seen;
            quietSeconds = changed ? 0 : quietSeconds + 1;
            boolean alive = quietSeconds >= SECONDS_BETWEEN_SIGNS_OF_LIFE;
            if (alive) {
                quietSeconds = 0;
            }
            followers.removeIf(Follower::isGone);
            if (changed || alive) {
                String event = changed ? "changed" : "alive";
                followers.forEach(follower -> executor.execute(() -> follower.tell(event)));
            }
            if (followers.isEmpty() && looking != null) {
                looking.cancel(false);
                looking = null;
            }
        }
    }

    private String look() {
        return orReason(() -> StatusJson.arrays(arrays.statusOfAll()) + branches());
    }

    private String branches() {
        RaidAdministration administration = arrays.administration();
        return administration.arrays().stream()
                .map(name -> StatusJson.branches(administration.array(name).preparedBranches())
                        .toString())
                .collect(Collectors.joining());
    }

    /** A failure is a picture too: it changes when it goes away. */
    private static String orReason(Supplier<String> picture) {
        try {
            return picture.get();
        } catch (RuntimeException e) {
            return e.toString();
        }
    }

    @PreDestroy
    void end() {
        synchronized (followers) {
            if (looking != null) {
                looking.cancel(false);
                looking = null;
            }
            followers.forEach(Follower::end);
            followers.clear();
        }
    }
}

package org.zeoraid.ejb;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.Timeout;
import jakarta.ejb.TimerConfig;
import jakarta.ejb.TimerService;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Verifies every member now and then, by MicroProfile Config:
 *
 * <ul>
 *   <li>{@code raid.verify.here}: whether this application does it, {@code false} unless set; the admin page's does, so that
 *       other applications with these beans do not do it once more
 *   <li>{@code raid.verify.schedule}: {@code off}, or a day and a time, {@code Sun 02:30} unless set
 * </ul>
 */
@Singleton
@Startup
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class VerifySchedule {

    private static final Logger LOG = System.getLogger("org.zeoraid.ejb");
    private static final String HERE = "raid.verify.here";
    private static final String SCHEDULE = "raid.verify.schedule";
    private static final String USUAL = "Sun 02:30";

    @Resource
    TimerService timers;

    @Inject
    ArrayAccess arrays;

    private Optional<VerifyRound> round = Optional.empty();

    @PostConstruct
    void begin() {
        Config config = ConfigProvider.getConfig();
        if (!config.getOptionalValue(HERE, Boolean.class).orElse(false)) {
            return;
        }
        String setting = config.getOptionalValue(SCHEDULE, String.class).orElse(USUAL);
        try {
            Optional<VerifyTime> time = VerifyTime.parse(setting);
            String when = time.map(at -> setting + ", next at " + schedule(at)).orElse("only on request");
            LOG.log(Logger.Level.INFO, "members are verified: {0}", when);
        } catch (IllegalArgumentException e) {
            LOG.log(Logger.Level.ERROR, "{0}: {1}; members are verified only on request", SCHEDULE, e.getMessage());
        }
    }

    /** Gives the moment at which it is due. */
    private Instant schedule(VerifyTime time) {
        TimerConfig config = new TimerConfig("verify members", false);
        return timers.createCalendarTimer(time.expression(), config)
                .getNextTimeout()
                .toInstant();
    }

    @Timeout
    void verifyAll() {
        try {
            round = round.or(() -> Optional.of(new VerifyRound(arrays.administration())));
            round.ifPresent(VerifyRound::start);
        } catch (RuntimeException e) {
            LOG.log(Logger.Level.ERROR, "the members of the arrays could not be verified", e);
        }
    }

    @PreDestroy
    void end() {
        round.ifPresent(VerifyRound::stop);
    }
}

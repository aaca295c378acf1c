package org.zeoraid.web.watch;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive as long as it answers. A failed array is no reason to restart a server: it waits for members, or an admin. */
@Liveness
@ApplicationScoped
public class ServerAlive implements HealthCheck {

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.up("raid-server");
    }
}

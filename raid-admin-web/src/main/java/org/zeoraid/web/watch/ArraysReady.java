package org.zeoraid.web.watch;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.zeoraid.ejb.ArrayAccess;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;

/** Not ready while an array has failed, or cannot be asked. A degraded array serves, and is ready. */
@Readiness
@ApplicationScoped
public class ArraysReady implements HealthCheck {

    @Inject
    ArrayAccess arrays;

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("raid-arrays");
        try {
            boolean ready = true;
            for (ArrayStatus array : arrays.statusOfAll()) {
                answer.withData(array.name(), array.state().word());
                if (array.state() == ArrayState.FAILED) {
                    ready = false;
                }
            }
            return answer.status(ready).build();
        } catch (RuntimeException e) {
            return answer.withData("reason", String.valueOf(e.getMessage()))
                    .down()
                    .build();
        }
    }
}

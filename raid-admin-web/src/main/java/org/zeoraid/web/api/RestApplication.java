package org.zeoraid.web.api;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Set;

/** The REST interface, below {@code /raid/api}. */
@ApplicationPath("api")
public class RestApplication extends Application {

    @Override
    public Set<Class<?>> getClasses() {
        return Set.of(ArraysResource.class, BranchesResource.class, ChangesResource.class, ProblemMapper.class);
    }
}

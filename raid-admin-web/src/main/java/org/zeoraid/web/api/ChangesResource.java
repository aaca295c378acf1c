package org.zeoraid.web.api;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.ServiceUnavailableException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import org.zeoraid.web.watch.ArrayWatch;
import org.zeoraid.web.watch.Follower;

/** Server-sent events: {@code changed} when something about the arrays has changed, {@code alive} now and then. */
@Path("changes")
@RequestScoped
public class ChangesResource {

    @Inject
    ArrayWatch watch;

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void changes(@Context SseEventSink sink, @Context Sse sse) {
        if (!watch.follow(new Follower(sse, sink))) {
            sink.close();
            throw new ServiceUnavailableException();
        }
    }
}

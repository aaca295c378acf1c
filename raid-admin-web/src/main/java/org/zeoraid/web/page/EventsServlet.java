package org.zeoraid.web.page;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.admin.ArrayEvent;

/** All events of an array. */
@WebServlet("/events/*")
public class EventsServlet extends HttpServlet {

    private static final int MOST = 500;

    @Inject
    ArrayControl control;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String array = String.join("/", Look.path(request));
        Optional<List<ArrayEvent>> events = control.events(array, 0, MOST);
        if (events.isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, "There is no array of that name.");
            return;
        }
        Look.send(response, new StatusPage(Look.viewer(request), Instant.now()).events(array, events.get()));
    }
}

package org.zeoraid.web.page;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.ejb.StoreException;

/** The page, and at {@code /live} its part that changes. */
@WebServlet({"", "/live"})
public class StatusServlet extends HttpServlet {

    private static final String NOTICE = Notice.class.getName();

    @Inject
    ArrayControl control;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean isPart = request.getServletPath().equals("/live");
        StatusPage page = new StatusPage(Look.viewer(request), Instant.now());
        try {
            List<ArrayPicture> arrays = Look.pictures(control);
            Look.send(response, isPart ? page.live(arrays) : page.page(arrays, notice(request)));
        } catch (StoreException e) {
            String why = String.valueOf(e.getMessage());
            Look.send(response, isPart ? page.liveUnreachable(why) : page.unreachable(why));
        }
    }

    /** Has the next page say something. */
    static void leave(HttpServletRequest request, Notice notice) {
        request.getSession(true).setAttribute(NOTICE, notice);
    }

    private static Optional<Notice> notice(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null && session.getAttribute(NOTICE) instanceof Notice said) {
            session.removeAttribute(NOTICE);
            return Optional.of(said);
        }
        return Optional.empty();
    }
}

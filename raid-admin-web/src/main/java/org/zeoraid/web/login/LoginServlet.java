package org.zeoraid.web.login;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.web.page.MessagePage;

/** The login form. */
@WebServlet("/login")
public class LoginServlet extends HttpServlet {

    private static final Logger LOG = System.getLogger("org.zeoraid.web");

    private static final String COOKIE = "Set-Cookie";

    @Inject
    Gate gate;

    @Inject
    RaidAccounts accounts;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String target = target(request.getParameter("to"), request.getContextPath());
        if (SignedIn.of(request).isPresent()) {
            seeOther(response, target);
            return;
        }
        Optional<String> problem = accounts.isAnybodyKnown()
                ? Optional.empty()
                : Optional.of(
                        "Nobody can sign in: no password is set. Set the environment variable RAID_ADMIN_PASSWORD,"
                                + " or raid.admin.password.file, for the server.");
        show(request, response, 200, problem);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String user =
                Optional.ofNullable(request.getParameter("user")).orElse("").strip();
        String password = Optional.ofNullable(request.getParameter("password")).orElse("");
        Gate.Decision decision = gate.decide(Sender.address(request), user, password);
        if (decision instanceof Gate.Admitted admitted) {
            SignedIn.begin(request, admitted.name(), admitted.roles());
            keepToThisSite(response);
            LOG.log(Logger.Level.INFO, "{0} signed in from {1}", admitted.name(), Sender.address(request));
            seeOther(response, target(request.getParameter("to"), request.getContextPath()));
        } else if (decision instanceof Gate.TooSoon tooSoon) {
            long seconds = LoginMechanism.seconds(tooSoon.pause());
            response.setHeader("Retry-After", Long.toString(seconds));
            show(
                    request,
                    response,
                    429,
                    Optional.of("Too many wrong passwords. Wait " + seconds + " s, then try again."));
        } else {
            show(request, response, 401, Optional.of("That is not the right name or password."));
        }
    }

    private static void show(
            HttpServletRequest request, HttpServletResponse response, int status, Optional<String> problem)
            throws IOException {
        response.setStatus(status);
        response.setContentType("text/html;charset=UTF-8");
        String target = target(request.getParameter("to"), request.getContextPath());
        response.getWriter().write(MessagePage.login(request.getContextPath(), target, problem));
    }

    /** What web.xml says already, for servers that do not heed it there (Payara 6). */
    private static void keepToThisSite(HttpServletResponse response) {
        List<String> cookies = List.copyOf(response.getHeaders(COOKIE));
        for (int i = 0; i < cookies.size(); i++) {
            String cookie = cookies.get(i).contains("SameSite") ? cookies.get(i) : cookies.get(i) + "; SameSite=Lax";
            if (i == 0) {
                response.setHeader(COOKIE, cookie);
            } else {
                response.addHeader(COOKIE, cookie);
            }
        }
    }

    /** Where to go after the login: within this application, wherever a link that somebody sent says. */
    static String target(@Nullable String wanted, String root) {
        boolean isOurs = wanted != null
                && wanted.startsWith(root + "/")
                && !wanted.startsWith(root + "/login")
                && wanted.chars().allMatch(c -> c > ' ' && c < 127 && c != '\\');
        return wanted != null && isOurs ? wanted : root + "/";
    }

    static void seeOther(HttpServletResponse response, String location) {
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", location);
    }
}

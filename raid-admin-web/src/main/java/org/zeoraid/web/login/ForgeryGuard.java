package org.zeoraid.web.login;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.zeoraid.web.api.Problem;

/**
 * Turns away requests that change something and that another site made a browser send: no request from elsewhere, by what
 * browsers say of its origin (for Basic too, whose password browsers remember and send by themselves), and within a
 * session none without the session's token, in the form's field {@code token} or the header {@code X-CSRF-Token}.
 */
public class ForgeryGuard extends HttpFilter {

    private static final Set<String> HARMLESS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Optional<String> objection = objection(request);
        if (objection.isEmpty()) {
            chain.doFilter(request, response);
        } else if (Door.isRest(request)) {
            new Problem(403, "forged", "Not accepted from here", objection.get()).send(response);
        } else {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, objection.get());
        }
    }

    private static Optional<String> objection(HttpServletRequest request) {
        if (HARMLESS.contains(request.getMethod())) {
            return Optional.empty();
        }
        if (isFromElsewhere(
                request.getHeader("Sec-Fetch-Site"), request.getHeader("Origin"), request.getHeader("Host"))) {
            return Optional.of("The request comes from another site.");
        }
        if (Door.of(request) == Door.SESSION && !Door.pathOf(request).equals("/login") && !bringsToken(request)) {
            return Optional.of("The form is out of date: go back, reload the page and try again. A program that uses a"
                    + " session sends its token as X-CSRF-Token; Basic needs none.");
        }
        return Optional.empty();
    }

    /** Whether a browser says that another site caused a request; programs that are no browsers say nothing. */
    static boolean isFromElsewhere(@Nullable String site, @Nullable String origin, @Nullable String host) {
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return true;
        }
        if (origin == null) {
            return false;
        }
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority == null || !authority.equalsIgnoreCase(host);
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private static boolean bringsToken(HttpServletRequest request) {
        String header = request.getHeader("X-CSRF-Token");
        String given = header != null ? header : request.getParameter("token");
        Optional<String> expected = SignedIn.of(request).map(SignedIn::token);
        return given != null
                && expected.isPresent()
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), expected.get().getBytes(StandardCharsets.UTF_8));
    }
}

package org.zeoraid.web.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.security.enterprise.AuthenticationStatus;
import jakarta.security.enterprise.authentication.mechanism.http.HttpAuthenticationMechanism;
import jakarta.security.enterprise.authentication.mechanism.http.HttpMessageContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.web.api.Problem;

/**
 * Lets a request in by its session or by HTTP's Basic scheme. Who is not known and asks for a page is sent to the login
 * form, who asks the REST interface gets a 401 with a problem document.
 */
@ApplicationScoped
public class LoginMechanism implements HttpAuthenticationMechanism {

    private static final String BASIC = "basic ";

    @Inject
    Gate gate;

    @Override
    public AuthenticationStatus validateRequest(
            HttpServletRequest request, HttpServletResponse response, HttpMessageContext context) {
        String authorization = request.getHeader("Authorization");
        if (authorization != null && authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return basic(authorization.substring(BASIC.length()).strip(), request, response, context);
        }
        Optional<SignedIn> signedIn = SignedIn.of(request);
        if (signedIn.isPresent()) {
            Door.SESSION.mark(request);
            return context.notifyContainerAboutLogin(
                    signedIn.get().name(), signedIn.get().roles());
        }
        if (!context.isProtected()) {
            return context.doNothing();
        }
        return challenge(request, response, context, "Name and password are needed.");
    }

    private AuthenticationStatus basic(
            String encoded, HttpServletRequest request, HttpServletResponse response, HttpMessageContext context) {
        String[] given = decode(encoded);
        if (given == null) {
            return challenge(request, response, context, "The Authorization header is not what Basic asks for.");
        }
        Gate.Decision decision = gate.decide(Sender.address(request), given[0], given[1]);
        if (decision instanceof Gate.Admitted admitted) {
            Door.BASIC.mark(request);
            return context.notifyContainerAboutLogin(admitted.name(), admitted.roles());
        }
        if (decision instanceof Gate.TooSoon tooSoon) {
            long seconds = seconds(tooSoon.pause());
            response.setHeader("Retry-After", Long.toString(seconds));
            return answer(
                    response,
                    new Problem(
                            429,
                            "too-many-attempts",
                            "Too many wrong passwords",
                            "Too many wrong passwords came from this address; try again in " + seconds + " s."));
        }
        return challenge(request, response, context, "Wrong name or password.");
    }

    private static String @Nullable [] decode(String encoded) {
        try {
            String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? null : new String[] {text.substring(0, colon), text.substring(colon + 1)};
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static AuthenticationStatus challenge(
            HttpServletRequest request, HttpServletResponse response, HttpMessageContext context, String detail) {
        boolean byScript = request.getHeader("X-Raid-Page") != null;
        if (!Door.isRest(request) && !byScript) {
            return context.redirect(loginPage(request));
        }
        String accept = Optional.ofNullable(request.getHeader("Accept")).orElse("");
        // a browser would put its own dialog over our page, which knows better
        String scheme = byScript || accept.contains("text/event-stream") ? "Form" : "Basic";
        response.setHeader("WWW-Authenticate", scheme + " realm=\"ZEORaid\", charset=\"UTF-8\"");
        return answer(response, new Problem(401, "not-logged-in", "Not logged in", detail));
    }

    private static AuthenticationStatus answer(HttpServletResponse response, Problem problem) {
        SecurityHeaders.set(response);
        try {
            problem.send(response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return AuthenticationStatus.SEND_FAILURE;
    }

    private static String loginPage(HttpServletRequest request) {
        String query = request.getQueryString();
        boolean isRead = request.getMethod().equals("GET");
        String target =
                isRead ? request.getRequestURI() + (query == null ? "" : "?" + query) : request.getContextPath() + "/";
        return request.getContextPath() + "/login?to=" + URLEncoder.encode(target, StandardCharsets.UTF_8);
    }

    static long seconds(Duration pause) {
        return Math.max(1, (pause.toMillis() + 999) / 1000);
    }
}

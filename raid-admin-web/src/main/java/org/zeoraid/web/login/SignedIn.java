package org.zeoraid.web.login;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.io.Serializable;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/**
 * Who has logged in by the form, kept in the session.
 *
 * @param token what every form of this session must bring back, so that other sites cannot make one up
 */
public record SignedIn(String name, Set<String> roles, String token) implements Serializable {

    private static final long serialVersionUID = 1;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String KEY = SignedIn.class.getName();

    /** Begins a session of its own: one that an attacker had planted before is worth nothing after. */
    static void begin(HttpServletRequest request, String name, Set<String> roles) {
        end(request);
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        request.getSession(true).setAttribute(KEY, new SignedIn(name, Set.copyOf(roles), token));
    }

    static void end(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }

    /** Whoever has logged in in the request's session. */
    public static Optional<SignedIn> of(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session == null ? Optional.empty() : Optional.ofNullable((SignedIn) session.getAttribute(KEY));
    }
}

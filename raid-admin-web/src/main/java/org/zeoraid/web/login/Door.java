package org.zeoraid.web.login;

import jakarta.servlet.http.HttpServletRequest;

/** By which way a request came in. */
enum Door {
    /** A session that began at the login form; the browser sends its cookie by itself. */
    SESSION,
    /** Name and password with the request. */
    BASIC,
    /** Neither. */
    NONE;

    private static final String KEY = Door.class.getName();

    void mark(HttpServletRequest request) {
        request.setAttribute(KEY, this);
    }

    static Door of(HttpServletRequest request) {
        return request.getAttribute(KEY) instanceof Door door ? door : NONE;
    }

    /** Whether a request is for the REST interface, where answers are JSON. */
    static boolean isRest(HttpServletRequest request) {
        return pathOf(request).startsWith("/api/") || pathOf(request).equals("/api");
    }

    /** The path within the application. */
    static String pathOf(HttpServletRequest request) {
        return request.getRequestURI().substring(request.getContextPath().length());
    }
}

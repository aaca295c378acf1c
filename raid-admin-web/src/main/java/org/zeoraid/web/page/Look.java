package org.zeoraid.web.page;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.ejb.Roles;
import org.zeoraid.web.login.SignedIn;

/** What the servlets of this room share. */
final class Look {

    private static final int RECENT = 8;

    private Look() {}

    static Viewer viewer(HttpServletRequest request) {
        String name = Optional.ofNullable(request.getRemoteUser()).orElse("");
        String token = SignedIn.of(request).map(SignedIn::token).orElse("");
        return new Viewer(request.getContextPath(), name, request.isUserInRole(Roles.ADMIN), token);
    }

    /** Everything that a page shows of all arrays. */
    static List<ArrayPicture> pictures(ArrayControl control) {
        return control.status().stream()
                .map(array -> new ArrayPicture(
                        array,
                        control.events(array.name(), 0, RECENT).orElse(List.of()),
                        control.branches(array.name()).orElse(List.of())))
                .toList();
    }

    static void send(HttpServletResponse response, String page) throws IOException {
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().write(page);
    }

    /** The parts of the path behind the servlet, decoded. */
    static List<String> path(HttpServletRequest request) {
        String info = Optional.ofNullable(request.getPathInfo()).orElse("/");
        return List.of(info.substring(1).split("/", -1));
    }
}

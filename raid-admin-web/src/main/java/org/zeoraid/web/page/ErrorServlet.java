package org.zeoraid.web.page;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Optional;
import org.zeoraid.web.api.Problem;

/** What somebody sees whose request went wrong outside of the REST interface. */
@WebServlet("/error")
public class ErrorServlet extends HttpServlet {

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        String message = Optional.ofNullable(request.getAttribute(RequestDispatcher.ERROR_MESSAGE))
                .map(Object::toString)
                .filter(said -> !said.equals(nameOf(status)))
                .orElse("");
        response.setStatus(status);
        Viewer viewer = Look.viewer(request);
        Look.send(
                response,
                switch (status) {
                    case 404 ->
                        MessagePage.problem(
                                viewer,
                                "Nothing is here",
                                message.isBlank() ? "Follow a link from the page of the arrays." : message);
                    case 403 ->
                        MessagePage.problem(
                                viewer, "Not allowed", message.isBlank() ? "You may not do this." : message);
                    default -> MessagePage.problem(viewer, "That did not work", detail(request, status));
                });
    }

    /** What the server says where nobody else has said anything, such as {@code Not Found}. */
    private static String nameOf(int status) {
        return Optional.ofNullable(Response.Status.fromStatusCode(status))
                .map(Response.Status::getReasonPhrase)
                .orElse("");
    }

    private static String detail(HttpServletRequest request, int status) {
        return request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable failure
                ? Problem.of(failure).detail()
                : "The server answered with HTTP status " + status + ".";
    }
}

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

/** What somebody sees whose request went wrong before it came to where it should. */
@WebServlet("/error")
public class ErrorServlet extends HttpServlet {

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        String message = Optional.ofNullable(request.getAttribute(RequestDispatcher.ERROR_MESSAGE))
                .map(Object::toString)
                .filter(said -> !said.equals(nameOf(status)))
                .orElse("");
        if (String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI))
                .startsWith(request.getContextPath() + "/api/")) {
            problem(request, status).send(response);
            return;
        }
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

    /** Of a request that the server has not let come to the REST interface, since an address or a header is malformed for example. */
    private static Problem problem(HttpServletRequest request, int status) {
        if (request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable failure) {
            return Problem.of(failure);
        }
        return new Problem(
                status,
                status == 404 ? "unknown" : status < 500 ? "invalid" : "unexpected",
                "Not as HTTP has it",
                "The server answered with HTTP status " + status
                        + ": look at the address and the headers of the request.");
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

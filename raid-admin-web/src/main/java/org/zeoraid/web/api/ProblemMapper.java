package org.zeoraid.web.api;

import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.ServiceUnavailableException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;

/** Every failure of the REST interface as a problem document. */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {

    @Context
    UriInfo uri;

    @Override
    public Response toResponse(Throwable failure) {
        Response.ResponseBuilder answer = Response.noContent();
        Problem problem;
        if (failure instanceof UnsupportedCharsetException || failure instanceof IllegalCharsetNameException) {
            problem = notJson();
        } else if (failure instanceof IOException) {
            // a client that went away, mostly: no fault to look for
            problem = new Problem(400, "invalid", "Request not understood", "The body has not come whole.");
        } else if (failure instanceof ServiceUnavailableException) {
            problem = new Problem(503, "busy", "Not available now", "Too many ask for this at once; try again later.");
        } else if (failure instanceof WebApplicationException http
                && http.getResponse().getStatusInfo().getFamily() != Response.Status.Family.SERVER_ERROR) {
            if (http.getResponse().getStatusInfo().getFamily() != Response.Status.Family.CLIENT_ERROR) {
                return http.getResponse();
            }
            problem = ofHttp(http);
            http.getResponse().getHeaders().forEach((name, values) -> {
                if (name.equalsIgnoreCase("Allow")) {
                    values.forEach(value -> answer.header(name, value));
                }
            });
        } else {
            problem = Problem.of(failure);
        }
        if (problem.status() == 503) {
            answer.header("Retry-After", 5);
        }
        return answer.status(problem.status())
                .type(Problem.MEDIA_TYPE)
                .entity(problem.json().toString())
                .build();
    }

    private Problem ofHttp(WebApplicationException http) {
        int status = http.getResponse().getStatus();
        if (http instanceof NotFoundException) {
            return new Problem(
                    status,
                    "unknown",
                    "Nothing is here",
                    "There is nothing at " + uri.getRequestUri().getRawPath() + "; arrays are listed at "
                            + uri.getBaseUri().getRawPath() + "arrays.");
        }
        if (http instanceof NotAllowedException) {
            return new Problem(
                    status, "method", "Not with this method", "Reading is GET, what changes something is POST.");
        }
        if (http instanceof NotAcceptableException) {
            return new Problem(status, "not-acceptable", "Only JSON is to be had", "Accept application/json.");
        }
        if (http instanceof NotSupportedException) {
            return notJson();
        }
        return new Problem(
                status,
                "invalid",
                "Request not understood",
                http.getMessage() == null ? "HTTP " + status : http.getMessage());
    }

    private static Problem notJson() {
        return new Problem(
                415,
                "not-json",
                "Not JSON",
                "Send JSON as application/json, or nothing (with curl: no -d, or -H 'Content-Type: application/json').");
    }
}

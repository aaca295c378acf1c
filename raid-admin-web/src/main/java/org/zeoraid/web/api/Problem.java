package org.zeoraid.web.api;

import jakarta.ejb.AccessLocalException;
import jakarta.ejb.EJBAccessException;
import jakarta.ejb.EJBException;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.zeoraid.ejb.StoreException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.admin.AdministrationException;

/**
 * What went wrong with a request, as RFC 9457 has it.
 *
 * @param status HTTP's
 * @param code a stable word; the document's type is {@code urn:zeoraid:problem:} and this
 * @param title what kind of problem it is
 * @param detail what happened here, and what can be done
 */
public record Problem(int status, String code, String title, String detail) {

    /** Of problem documents. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final Logger LOG = System.getLogger("org.zeoraid.web");

    /** What to tell of a failure. One that nobody expected is logged, and told by a number to find it there. */
    public static Problem of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException
                        || cause instanceof ExecutionException
                        || (cause instanceof EJBException && !isAccessRefused(cause)))
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof StoreException store && store.getCause() instanceof StorageException storage) {
            return of(storage);
        }
        if (cause instanceof AdministrationException refused) {
            return of(refused);
        }
        if (cause instanceof StorageException storage) {
            return of(storage);
        }
        if (cause instanceof BadRequest bad) {
            return new Problem(400, "invalid", "Request not understood", text(bad));
        }
        if (isAccessRefused(cause)) {
            return new Problem(
                    403,
                    "not-allowed",
                    "Not allowed",
                    "This needs the role raid-admin; you may only look (raid-monitor).");
        }
        String incident = UUID.randomUUID().toString().substring(0, 8);
        LOG.log(Logger.Level.ERROR, "incident " + incident + ": a request failed unexpectedly", failure);
        return new Problem(
                500,
                "unexpected",
                "Something unexpected happened",
                "The server's log has the details; look for incident " + incident + ".");
    }

    private static boolean isAccessRefused(Throwable failure) {
        return failure instanceof EJBAccessException || failure instanceof AccessLocalException;
    }

    private static Problem of(AdministrationException refused) {
        return switch (refused.refusal()) {
            case UNKNOWN -> new Problem(404, "unknown", "No such array, member or branch", text(refused));
            case WRONG_STATE -> new Problem(409, "wrong-state", "Not possible in this state", text(refused));
            case INVALID -> new Problem(400, "invalid", "Request not understood", text(refused));
        };
    }

    private static Problem of(StorageException failure) {
        if (failure instanceof DiskFullException) {
            return new Problem(507, failure.code(), "No room", text(failure));
        }
        return switch (failure.retry()) {
            case LATER -> new Problem(503, failure.code(), "Not available now", text(failure));
            case NOW -> new Problem(409, failure.code(), "Conflict", text(failure));
            case NEVER -> new Problem(409, failure.code(), "Not possible", text(failure));
        };
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    /** The document. */
    public JsonObject json() {
        return Json.createObjectBuilder()
                .add("type", "urn:zeoraid:problem:" + code)
                .add("title", title)
                .add("status", status)
                .add("detail", detail)
                .add("code", code)
                .build();
    }

    /** Answers with it. */
    public void send(HttpServletResponse response) throws IOException {
        response.setStatus(status);
        response.setContentType(MEDIA_TYPE);
        response.getOutputStream().write(json().toString().getBytes(StandardCharsets.UTF_8));
    }
}

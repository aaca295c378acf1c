package org.zeoraid.web.api;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.web.action.Decision;
import org.zeoraid.web.action.Order;

/** An array's prepared branches: those in doubt, and those that an admin decided. */
@Path("arrays/{array}/branches")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class BranchesResource {

    @Inject
    ArrayControl control;

    @Context
    UriInfo uri;

    @GET
    public String branches(@PathParam("array") String array) {
        return StatusJson.branches(of(array)).toString();
    }

    @GET
    @Path("{xid}")
    public String branch(@PathParam("array") String array, @PathParam("xid") String xid) {
        BranchId id = id(xid);
        return of(array).stream()
                .filter(branch -> branch.id().equals(id))
                .findAny()
                .map(StatusJson::branch)
                .orElseThrow(() -> new AdministrationException(
                        Refusal.UNKNOWN, "array " + array + " has no prepared branch " + id))
                .toString();
    }

    @POST
    @Path("{xid}/{decision}")
    public Response decide(
            @PathParam("array") String array,
            @PathParam("xid") String xid,
            @PathParam("decision") String word,
            String body)
            throws InterruptedException {
        Decision decision = Decision.of(word)
                .orElseThrow(() -> new AdministrationException(
                        Refusal.UNKNOWN,
                        "there is no '" + word + "' for a branch; there are commit, rollback, forget"));
        BranchId id = id(xid);
        Body.force(
                body,
                "a branch is decided by its transaction manager; nobody but you makes sure that the other resources end"
                        + " the same way, and what is forgotten is not told to it any more");
        Response.ResponseBuilder answer = decision.give(control, array, id) == Order.Progress.DONE
                ? Response.ok()
                : Response.accepted()
                        .location(uri.getBaseUriBuilder()
                                .path("arrays/{array}/branches")
                                .build(array));
        return answer.entity(StatusJson.branches(of(array)).toString()).build();
    }

    /** @throws BadRequest if it is no name of a branch */
    static BranchId id(String xid) {
        try {
            return BranchId.parse(xid);
        } catch (IllegalArgumentException e) {
            throw new BadRequest(
                    "'" + xid + "' is no name of a transaction branch; expected FORMAT:TRANSACTION:BRANCH in"
                            + " hexadecimal digits");
        }
    }

    private List<PreparedBranch> of(String array) {
        return control.branches(array)
                .orElseThrow(() -> new AdministrationException(Refusal.UNKNOWN, "there is no array '" + array + "'"));
    }
}

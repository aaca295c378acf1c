package org.zeoraid.web.api;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.web.action.Action;
import org.zeoraid.web.action.Order;

/** Arrays and members: what they are like, and what can be asked of them. */
@Path("arrays")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ArraysResource {

    private static final int MOST_EVENTS = 1000;

    @Inject
    ArrayControl control;

    @Context
    UriInfo uri;

    @GET
    public String arrays() {
        return StatusJson.arrays(control.status()).toString();
    }

    @GET
    @Path("{array}")
    public String array(@PathParam("array") String array) {
        return StatusJson.array(status(array)).toString();
    }

    @GET
    @Path("{array}/events")
    public String events(
            @PathParam("array") String array,
            @QueryParam("after") @DefaultValue("0") String after,
            @QueryParam("limit") @DefaultValue("100") String limit) {
        long number = whole("after", after, Long.MAX_VALUE);
        int most = (int) whole("limit", limit, MOST_EVENTS);
        List<ArrayEvent> events = control.events(array, number, most).orElseThrow(() -> noArray(array));
        return StatusJson.events(events).toString();
    }

    @GET
    @Path("{array}/members/{member}")
    public String member(@PathParam("array") String array, @PathParam("member") String member) {
        ArrayStatus found = status(array);
        return StatusJson.member(found, member(found, member)).toString();
    }

    @POST
    @Path("{array}/{action}")
    public Response order(@PathParam("array") String array, @PathParam("action") String word, String body)
            throws InterruptedException {
        Action action = Action.of(Action.Scope.ARRAY, word)
                .orElseThrow(() -> new AdministrationException(
                        AdministrationException.Refusal.UNKNOWN,
                        "there is no '" + word + "' for an array; there are reload, pack, assemble"));
        Optional<PackRequest> pack = Optional.empty();
        if (action == Action.PACK) {
            pack = Optional.of(Body.pack(body, Instant.now()));
        } else if (action == Action.ASSEMBLE) {
            Body.force(
                    body,
                    "an array assembles by itself where that loses nothing; by hand it is by force only, and what only"
                            + " missing members hold is lost");
        } else {
            Body.none(body);
        }
        return give(new Order(array, Optional.empty(), action, 0, pack));
    }

    @POST
    @Path("{array}/members/{member}/{action}")
    public Response order(
            @PathParam("array") String array,
            @PathParam("member") String member,
            @PathParam("action") String word,
            String body)
            throws InterruptedException {
        Action action = Action.of(Action.Scope.MEMBER, word)
                .orElseThrow(() -> new AdministrationException(
                        AdministrationException.Refusal.UNKNOWN,
                        "there is no '" + word + "' for a member; there are disable, recover, rebuild, pause, resume,"
                                + " throttle, verify"));
        long bytesPerSecond = 0;
        if (action == Action.THROTTLE) {
            bytesPerSecond = Body.bytesPerSecond(body);
        } else {
            Body.none(body);
        }
        return give(new Order(array, Optional.of(member), action, bytesPerSecond, Optional.empty()));
    }

    private static long whole(String name, String text, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new BadRequest(name + " is a number from 0 to " + most + ", not '" + text + "'");
    }

    private Response give(Order order) throws InterruptedException {
        Order.Progress progress = order.give(control);
        ArrayStatus array = status(order.array());
        URI where = where(order);
        JsonObject picture = order.member().isPresent()
                ? StatusJson.member(array, member(array, order.member().get()))
                : StatusJson.array(array);
        Response.ResponseBuilder answer = progress == Order.Progress.DONE
                ? Response.ok()
                : Response.accepted().location(where);
        return answer.entity(picture.toString()).build();
    }

    private URI where(Order order) {
        UriBuilder builder = uri.getBaseUriBuilder().path("arrays").path("{array}");
        return order.member().isPresent()
                ? builder.path("members/{member}")
                        .build(order.array(), order.member().get())
                : builder.build(order.array());
    }

    private ArrayStatus status(String array) {
        return control.status(array).orElseThrow(() -> noArray(array));
    }

    private static MemberStatus member(ArrayStatus array, String member) {
        return array.members().stream()
                .filter(found -> found.name().equals(member))
                .findAny()
                .orElseThrow(() -> new AdministrationException(
                        AdministrationException.Refusal.UNKNOWN,
                        "the array " + array.name() + " has no member '" + member + "'; it has "
                                + String.join(
                                        ", ",
                                        array.members().stream()
                                                .map(MemberStatus::name)
                                                .toList())));
    }

    private AdministrationException noArray(String array) {
        return new AdministrationException(
                AdministrationException.Refusal.UNKNOWN,
                "there is no array '" + array + "'; there are "
                        + String.join(
                                ", ",
                                control.status().stream().map(ArrayStatus::name).toList()));
    }
}

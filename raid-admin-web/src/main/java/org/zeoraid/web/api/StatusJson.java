package org.zeoraid.web.api;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.web.action.Action;
import org.zeoraid.web.action.Decision;

/** Pictures of arrays in JSON; docs/rest.md tells of every field. What there may be none of is null, never left out. */
public final class StatusJson {

    private StatusJson() {}

    public static JsonArray arrays(List<ArrayStatus> arrays) {
        JsonArrayBuilder json = Json.createArrayBuilder();
        arrays.forEach(array -> json.add(array(array)));
        return json.build();
    }

    static JsonObject array(ArrayStatus array) {
        JsonArrayBuilder members = Json.createArrayBuilder();
        array.members().forEach(member -> members.add(member(array, member)));
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("name", array.name())
                .add("state", array.state().word())
                .add("reason", array.reason())
                .add("readOnly", array.readOnly());
        tid(json, array.lastTid());
        return json.add("generation", array.generation())
                .add("operation", operation(array.operation()))
                .add("members", members)
                .add("actions", actions(Action.offered(array)))
                .build();
    }

    static JsonObject member(ArrayStatus array, MemberStatus member) {
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("name", member.name())
                .add("kind", member.kind())
                .add("location", member.location())
                .add("state", member.state().word())
                .add("reason", member.reason())
                .add("since", member.since().toString());
        tid(json, member.lastTid());
        return json.add("operation", operation(member.operation()))
                .add("actions", actions(Action.offered(array, member)))
                .build();
    }

    static JsonArray events(List<ArrayEvent> events) {
        JsonArrayBuilder json = Json.createArrayBuilder();
        events.forEach(event -> json.add(Json.createObjectBuilder()
                .add("number", event.number())
                .add("time", event.time().toString())
                .add("severity", event.severity().name().toLowerCase(Locale.ROOT))
                .add("member", event.member().isBlank() ? JsonValue.NULL : Json.createValue(event.member()))
                .add("kind", event.kind())
                .add("text", event.text())));
        return json.build();
    }

    public static JsonArray branches(List<PreparedBranch> branches) {
        JsonArrayBuilder json = Json.createArrayBuilder();
        branches.forEach(branch -> json.add(branch(branch)));
        return json.build();
    }

    static JsonObject branch(PreparedBranch branch) {
        JsonArrayBuilder actions = Json.createArrayBuilder();
        Decision.offered(branch).forEach(decision -> actions.add(decision.word()));
        return Json.createObjectBuilder()
                .add("xid", branch.id().toString())
                .add("state", branch.state().word())
                .add("since", branch.since().toString())
                .add("objects", branch.objects())
                .add("bytes", branch.bytes())
                .add("node", branch.id().words())
                .add("actions", actions)
                .build();
    }

    private static void tid(JsonObjectBuilder json, Tid tid) {
        json.add("lastTid", tid.toString())
                .add(
                        "lastTime",
                        tid.equals(Tid.NONE)
                                ? JsonValue.NULL
                                : Json.createValue(tid.instant().toString()));
    }

    private static JsonValue operation(Optional<OperationStatus> operation) {
        return operation.<JsonValue>map(StatusJson::operation).orElse(JsonValue.NULL);
    }

    private static JsonObject operation(OperationStatus operation) {
        return Json.createObjectBuilder()
                .add("kind", operation.kind())
                .add("phase", operation.phase())
                .add("done", operation.done())
                .add("total", operation.total())
                .add("unit", operation.unit())
                .add("rate", Double.isFinite(operation.rate()) ? Math.round(operation.rate() * 10) / 10.0 : 0.0)
                .add(
                        "secondsLeft",
                        operation
                                .timeLeft()
                                .<JsonValue>map(left -> Json.createValue(left.toSeconds()))
                                .orElse(JsonValue.NULL))
                .add("paused", operation.paused())
                .add(
                        "limit",
                        operation.limit().<JsonValue>map(Json::createValue).orElse(JsonValue.NULL))
                .build();
    }

    private static JsonArray actions(List<Action> actions) {
        JsonArrayBuilder json = Json.createArrayBuilder();
        actions.forEach(action -> json.add(action.word()));
        return json.build();
    }
}

package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An array of a server, as REST tells it. */
public record RemoteArray(PayaraMicro server, String name) {

    /** How long tests wait for what an array does under load. */
    public static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final Duration PAUSE = Duration.ofMillis(100);

    /** The array {@code main}. */
    public static RemoteArray mainOf(PayaraMicro server) {
        return new RemoteArray(server, "main");
    }

    private String path() {
        return "/raid/api/arrays/" + name;
    }

    private HttpResponse<String> get(String path) {
        HttpResponse<String> answer = server.getAsAdmin(path() + path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    public JsonObject status() {
        try (JsonReader reader = Json.createReader(new StringReader(get("").body()))) {
            return reader.readObject();
        }
    }

    private JsonArray array(String path) {
        try (JsonReader reader = Json.createReader(new StringReader(get(path).body()))) {
            return reader.readArray();
        }
    }

    /** The array's own state. */
    public String state() {
        return status().getString("state");
    }

    /** The state of each member by its name. */
    public Map<String, String> members() {
        return members(status());
    }

    private static Map<String, String> members(JsonObject status) {
        Map<String, String> states = new TreeMap<>();
        for (JsonObject member : status.getJsonArray("members").getValuesAs(JsonObject.class)) {
            states.put(member.getString("name"), member.getString("state"));
        }
        return states;
    }

    /** The names of the branches that are in doubt or were decided by an admin, each with its state. */
    public Map<String, String> branches() {
        Map<String, String> states = new TreeMap<>();
        for (JsonObject branch : array("/branches").getValuesAs(JsonObject.class)) {
            states.put(branch.getString("xid"), branch.getString("state"));
        }
        return states;
    }

    /** The number of the newest event; 0 where there is none. */
    public long lastEvent() {
        return events(0).stream()
                .mapToLong(event -> event.getJsonNumber("number").longValue())
                .max()
                .orElse(0);
    }

    /** What has happened since an event, {@code kind member} each, oldest first; {@code kind -} for what is no member's. */
    public List<String> eventsAfter(long number) {
        return events(number).stream()
                .map(event -> event.getString("kind") + ' ' + event.getString("member", "-"))
                .toList();
    }

    private List<JsonObject> events(long after) {
        return array("/events?limit=1000&after=" + after).getValuesAs(JsonObject.class);
    }

    /** Has something done, without a body; a REST path below the array's. */
    public void post(String action) {
        post(action, "");
    }

    public void post(String action, String json) {
        HttpResponse<String> answer = tryPost(action, json);
        // what takes longer than a few seconds is accepted and goes on
        assertThat(answer.statusCode()).as(action + ": " + answer.body()).isIn(200, 202);
    }

    public HttpResponse<String> tryPost(String action, String json) {
        return server.postAsAdmin(path() + '/' + action, json);
    }

    /** Has a member verified, unless a read has met the damage before: then the member is degraded already, and that is refused. */
    public void verifyUnlessFoundOut(String member) {
        HttpResponse<String> answer = tryPost("members/" + member + "/verify", "");
        if (answer.statusCode() == 409) {
            assertThat(members()).as(answer.body()).containsEntry(member, "degraded");
        } else {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        }
    }

    /** Waits until a member is in a state. */
    public void awaitMember(String member, String state) {
        await().atMost(PATIENCE).pollInterval(PAUSE).untilAsserted(() -> {
            JsonObject status = status();
            assertThat(members(status)).as(status.toString()).containsEntry(member, state);
        });
    }

    public void awaitState(String state) {
        await().atMost(PATIENCE).pollInterval(PAUSE).untilAsserted(() -> {
            JsonObject status = status();
            assertThat(status.getString("state")).as(status.toString()).isEqualTo(state);
        });
    }

    /** Waits until nothing is being done to the array or to one of its members. */
    public void awaitOperationsEnd() {
        await().atMost(PATIENCE).pollInterval(PAUSE).untilAsserted(() -> {
            JsonObject status = status();
            assertThat(Stream.concat(Stream.of(status), status.getJsonArray("members").stream())
                            .map(JsonValue::asJsonObject))
                    .as(status.toString())
                    .allMatch(each -> each.isNull("operation"));
        });
    }

    /** Waits until something has happened since an event. */
    public void awaitEvent(long after, String kindAndMember) {
        await().atMost(PATIENCE).pollInterval(PAUSE).untilAsserted(() -> assertThat(eventsAfter(after))
                .contains(kindAndMember));
    }

    /** Brings all members back, whatever a test has done to them, and waits until the array is optimal. */
    public void makeOptimal() {
        await().atMost(PATIENCE).pollInterval(PAUSE).untilAsserted(() -> {
            JsonObject status = status();
            status.getJsonArray("members").getValuesAs(JsonObject.class).forEach(this::bringBack);
            assertThat(status.getString("state")).as(status.toString()).isEqualTo("optimal");
        });
    }

    /** Whatever is refused is tried again. */
    private void bringBack(JsonObject member) {
        String path = "members/" + member.getString("name") + '/';
        List<String> actions = member.getJsonArray("actions").getValuesAs(JsonValue::toString);
        if (!member.getString("state").equals("optimal") && actions.contains("\"recover\"")) {
            tryPost(path + "recover", "");
        }
        if (actions.contains("\"resume\"")) {
            tryPost(path + "resume", "");
        }
        if (actions.contains("\"throttle\"")) {
            tryPost(path + "throttle", "{\"bytesPerSecond\": 0}");
        }
    }
}

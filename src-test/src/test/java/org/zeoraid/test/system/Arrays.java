package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeoraid.test.PayaraMicro;

/** The array main of a server, as REST tells it. */
record Arrays(PayaraMicro server) {

    private static final Pattern STATE = Pattern.compile("\"state\"\\s*:\\s*\"(\\w+)\"");
    private static final Pattern MEMBER =
            Pattern.compile("\"name\"\\s*:\\s*\"(\\w+)\"\\s*,[^{}]*?\"state\"\\s*:\\s*\"(\\w+)\"");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    String text() {
        return server.getAsAdmin("/raid/api/arrays/main").body();
    }

    /** The array's own state. */
    String state() {
        return stateIn(text());
    }

    private static String stateIn(String text) {
        Matcher first = STATE.matcher(text);
        assertThat(first.find()).as(text).isTrue();
        return first.group(1);
    }

    /** The state of each member by its name. */
    Map<String, String> members() {
        String text = text();
        Matcher found = MEMBER.matcher(text.substring(text.indexOf("\"members\"")));
        Map<String, String> states = new TreeMap<>();
        while (found.find()) {
            states.put(found.group(1), found.group(2));
        }
        return states;
    }

    void post(String action) {
        HttpResponse<String> answer = server.postAsAdmin("/raid/api/arrays/main/" + action, "");
        assertThat(answer.statusCode()).as(action + ": " + answer.body()).isBetween(200, 299);
    }

    /** Has a member verified, unless a read has met the damage before: then the member is degraded already, and that is refused. */
    void verifyUnlessFoundOut(String member) {
        HttpResponse<String> answer = server.postAsAdmin("/raid/api/arrays/main/members/" + member + "/verify", "");
        if (answer.statusCode() == 409) {
            assertThat(members()).as(answer.body()).containsEntry(member, "degraded");
        } else {
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        }
    }

    /** Waits until a member is in a state. */
    void awaitMember(String member, String state) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(members()).as(text()).containsEntry(member, state));
    }

    void awaitState(String state) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(state()).as(text()).isEqualTo(state));
    }
}

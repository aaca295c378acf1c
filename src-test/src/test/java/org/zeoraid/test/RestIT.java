package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The REST interface over a real array: what is answered, to whom, and what is refused how. */
class RestIT {
    private static final String ARRAY = "/raid/api/arrays/main";
    private static final String MONITOR = "only looking";

    private static PayaraMicro server;
    private static RemoteArray array;

    @BeforeAll
    static void start() {
        server = PayaraMicro.inFreshFolder("rest")
                .withAdminPage()
                .withVariable("RAID_MONITOR_PASSWORD", MONITOR)
                .withApplication(TestApplication.war())
                .start();
        array = RemoteArray.mainOf(server);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void allIsWell() {
        array.makeOptimal();
    }

    @Test
    void arraysAreShownToAdminAndMonitor() {
        assertThat(server.getAsAdmin("/raid/api/arrays").body())
                .startsWith("[{\"name\":\"main\",\"state\":\"optimal\"")
                .contains("\"members\":[{\"name\":\"a\",\"kind\":\"filestorage\"");
        HttpResponse<String> seen = server.send(as("monitor", MONITOR, ARRAY).GET());
        assertThat(seen.statusCode()).isEqualTo(200);
        assertThat(seen.body()).contains("\"state\":\"optimal\"");
    }

    @Test
    void aMemberIsDisabledAndRecovered() {
        long before = array.lastEvent();
        HttpResponse<String> disabled = array.tryPost("members/b/disable", "");
        assertThat(disabled.statusCode()).isIn(200, 202);
        assertThat(disabled.body()).startsWith("{\"name\":\"b\",\"kind\":\"filestorage\"");
        array.awaitMember("b", "disabled");

        HttpResponse<String> recovered = array.tryPost("members/b/recover", "");
        assertThat(recovered.statusCode()).isEqualTo(202);
        assertThat(recovered.headers().firstValue("Location"))
                .hasValueSatisfying(where -> assertThat(where).endsWith(ARRAY + "/members/b"));
        array.awaitMember("b", "optimal");
        assertThat(array.eventsAfter(before)).contains("disabled b");
    }

    @Test
    void anArrayIsPackedAndReloadedAndAMemberVerified() {
        long before = array.lastEvent();
        assertThat(array.tryPost("pack", "{\"days\": 3}").statusCode()).isEqualTo(202);
        for (String member : List.of("a", "b", "c")) {
            array.awaitEvent(before, "packed " + member);
        }
        array.awaitOperationsEnd();
        array.post("reload");
        assertThat(array.tryPost("members/a/verify", "").statusCode()).isEqualTo(202);
        array.awaitEvent(before, "verified a");
    }

    @ParameterizedTest
    @CsvSource({
        "commit, committed-by-admin, heuristic-commit, 2",
        "rollback, rolled-back-by-admin, heuristic-rollback, 1"
    })
    void aBranchInDoubtIsDecidedAndForgottenByWhoSaysThatItIsMeant(
            String decision, String decided, String event, int seed) {
        long before = array.lastEvent();
        String oid = server.post("/app/commit?seed=1").body().split(" ")[1];
        CompletableFuture<Void> transaction =
                CompletableFuture.runAsync(() -> server.post("/app/hold?seed=2&oid=" + oid + "&gate=" + event));
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> array.branches().containsValue("in-doubt"));
            String xid = array.branches().keySet().iterator().next();
            String branch = "branches/" + xid + "/";

            problem(array.tryPost(branch + decision, ""), 400, "invalid");
            assertThat(array.branches()).containsExactly(entry(xid, "in-doubt"));
            array.post(branch + decision, "{\"force\": true}");
            assertThat(array.branches()).containsExactly(entry(xid, decided));
            assertThat(server.get("/app/read?oid=" + oid).body()).endsWith(" " + seed + " 100 sound");

            problem(array.tryPost(branch + "forget", ""), 400, "invalid");
            array.post(branch + "forget", "{\"force\": true}");
            assertThat(array.branches()).isEmpty();
            assertThat(array.eventsAfter(before)).containsSubsequence(event + " -", "heuristic-forget -");
        } finally {
            server.post("/app/open?gate=" + event);
        }
        // whatever its transaction manager made of it
        await().atMost(Duration.ofSeconds(60)).until(transaction::isDone);
    }

    @Test
    void theServerKnowsWhenItVerifiesItsMembersNext() {
        assertThat(server.logText()).containsPattern("members are verified: Sun 02:30, next at \\d{4}-\\d\\d-\\d\\dT");
    }

    @Test
    void whatDoesNotFitIsRefusedWithAProblemDocument() {
        problem(server.get(ARRAY), 401, "not-logged-in");
        problem(server.send(as("admin", "wrong", ARRAY).GET()), 401, "not-logged-in");
        problem(
                server.send(as("monitor", MONITOR, ARRAY + "/members/a/disable").POST(BodyPublishers.noBody())),
                403,
                "not-allowed");
        problem(server.getAsAdmin("/raid/api/arrays/nope"), 404, "unknown");
        problem(server.getAsAdmin("/raid/api/nope"), 404, "unknown");
        problem(server.postAsAdmin(ARRAY + "/members/nope/disable", ""), 404, "unknown");
        problem(server.postAsAdmin(ARRAY + "/members/a/fly", ""), 404, "unknown");
        problem(server.postAsAdmin(ARRAY + "/members/a/recover", ""), 409, "wrong-state");
        problem(server.postAsAdmin(ARRAY + "/assemble", ""), 400, "invalid");
        problem(server.postAsAdmin(ARRAY + "/assemble", "{\"force\": true}"), 409, "wrong-state");
        problem(server.postAsAdmin(ARRAY + "/pack", "{\"dayz\": 3}"), 400, "invalid");
        problem(server.postAsAdmin(ARRAY + "/members/a/throttle", "{}"), 400, "invalid");
        problem(server.getAsAdmin(ARRAY + "/events?limit=many"), 400, "invalid");
        problem(
                server.send(asAdmin(ARRAY + "/reload")
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("x"))),
                415,
                "not-json");
        problem(server.send(asAdmin(ARRAY).header("Accept", "text/html").GET()), 406, "not-acceptable");
        problem(server.send(asAdmin(ARRAY).header("Accept", "a/b/c").GET()), 400, "invalid");
        problem(
                server.send(asAdmin(ARRAY + "/reload")
                        .header("Content-Type", "application/json; charset=none")
                        .POST(BodyPublishers.ofString("x"))),
                415,
                "not-json");
        problem(server.send(asAdmin(ARRAY).DELETE()), 405, "method");
    }

    @Test
    void whoLeavesInTheMiddleOfARequestIsNoFault() throws IOException {
        String request = "POST " + ARRAY + "/pack HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                + basic("admin", PayaraMicro.PASSWORD)
                + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
        try (Socket client = new Socket("localhost", server.port())) {
            client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        }

        // the server's own line, after ours
        server.awaitLog(Pattern.compile("Error while closing the output stream"));
        assertThat(server.logText()).doesNotContain("a request failed unexpectedly");
    }

    @Test
    void aPageThatIsNotThereSaysWhatToDo() {
        assertThat(server.getAsAdmin("/raid/nope").body())
                .contains("Nothing is here", "Follow a link from the page of the arrays.");
        assertThat(server.getAsAdmin("/raid/do/main/fly").body())
                .contains("Nothing is here", "There is no such array, member or action.");
    }

    @Test
    void theLastOptimalMemberIsNotDisabled() {
        array.post("members/a/disable");
        array.post("members/b/disable");
        array.awaitMember("a", "disabled");
        array.awaitMember("b", "disabled");

        problem(array.tryPost("members/c/disable", ""), 409, "wrong-state");

        assertThat(server.get("/health/ready").body()).contains("\"main\":\"degraded\"");
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void whatAnotherSiteCausesIsTurnedAway() {
        problem(
                server.send(asAdmin(ARRAY + "/reload")
                        .header("Origin", "http://evil.example")
                        .POST(BodyPublishers.noBody())),
                403,
                "forged");
        problem(
                server.send(asAdmin(ARRAY + "/reload")
                        .header("Sec-Fetch-Site", "cross-site")
                        .POST(BodyPublishers.noBody())),
                403,
                "forged");
    }

    @Test
    void aSessionNeedsItsTokenToChangeSomething() {
        HttpResponse<String> login = form("/raid/login", "user=admin&password=" + PayaraMicro.PASSWORD, "");
        assertThat(login.statusCode()).isEqualTo(303);
        String cookie = login.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly", "SameSite=Lax");
        String session = cookie.substring(0, cookie.indexOf(';'));
        String page = server.send(HttpRequest.newBuilder(server.uri("/raid/"))
                        .header("Cookie", session)
                        .GET())
                .body();
        Matcher token = Pattern.compile("name=\"token\" value=\"([^\"]+)\"").matcher(page);
        assertThat(token.find()).isTrue();

        problem(sessionReload(session, "guessed"), 403, "forged");
        assertThat(sessionReload(session, token.group(1)).statusCode()).isIn(200, 202);
    }

    @Test
    void guessingIsSlowedDown() {
        HttpRequest.Builder guess = as("admin", "guess", ARRAY).GET();
        assertThat(isTurnedAway(guess, 6)).isTrue();
        // the right password of another user is looked at, and begins no new count for this one
        assertThat(server.send(as("monitor", MONITOR, ARRAY).GET()).statusCode())
                .isEqualTo(200);
        assertThat(isTurnedAway(guess, 3)).isTrue();
        await().atMost(Duration.ofSeconds(90))
                .until(() -> server.getAsAdmin(ARRAY).statusCode() == 200);
    }

    /** Whether one of so many guesses is not looked at. A slow machine makes some too late for the pause, which grows. */
    private static boolean isTurnedAway(HttpRequest.Builder guess, int guesses) {
        return IntStream.range(0, guesses).anyMatch(i -> server.send(guess).statusCode() == 429);
    }

    @Test
    void everyAnswerHasTheHeadersThatProtect() {
        for (String path : List.of("/raid/login", "/raid/assets/raid.js", ARRAY, "/raid/nope")) {
            HttpResponse<String> answer = server.getAsAdmin(path);
            assertThat(answer.headers().firstValue("Content-Security-Policy"))
                    .describedAs(path)
                    .hasValueSatisfying(policy ->
                            assertThat(policy).contains("default-src 'none'").doesNotContain("unsafe"));
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        }
        assertThat(server.get(ARRAY).headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(scheme -> assertThat(scheme).startsWith("Basic realm="));
    }

    @Test
    void changesArePushed() throws Exception {
        HttpRequest request = asAdmin("/raid/api/changes")
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(60))
                .build();
        HttpResponse<InputStream> stream = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);

        array.post("members/c/disable");

        assertThat(firstEvent(stream.body())).isEqualTo("event: changed");
    }

    @Test
    void figuresAndHealthAreThere() {
        assertThat(server.get("/metrics").body())
                .contains("raid_array_state{array=\"main\"")
                .contains("raid_array_members_optimal{array=\"main\"");
        assertThat(server.get("/health").body()).contains("\"raid-arrays\"", "\"main\":\"optimal\"");
    }

    private static String firstEvent(InputStream stream) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("event:")) {
                line = lines.readLine();
            }
            return String.valueOf(line);
        }
    }

    private static HttpResponse<String> sessionReload(String session, String token) {
        return server.send(HttpRequest.newBuilder(server.uri(ARRAY + "/reload"))
                .header("Cookie", session)
                .header("X-CSRF-Token", token)
                .POST(BodyPublishers.noBody()));
    }

    private static HttpResponse<String> form(String path, String fields, String session) {
        return server.send(HttpRequest.newBuilder(server.uri(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Cookie", session)
                .POST(BodyPublishers.ofString(fields.replace(' ', '+'))));
    }

    private static void problem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.body())
                .contains("\"status\":" + status, "\"code\":\"" + code + "\"", "\"title\":\"")
                .containsPattern("\"detail\":\"[^\"]{10,}");
    }

    private static HttpRequest.Builder asAdmin(String path) {
        return as("admin", PayaraMicro.PASSWORD, path);
    }

    private static HttpRequest.Builder as(String user, String password, String path) {
        return HttpRequest.newBuilder(server.uri(path)).header("Authorization", basic(user, password));
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}

package org.zeoraid.test;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The admin page in a real browser, over a real array. */
class AdminPageIT {
    /** Not ASCII, in a file: neither may matter. */
    private static final String MONITOR_PASSWORD = "nur gücken €";

    private static final double PATIENCE = 60_000;

    private static PayaraMicro server;
    private static RemoteArray array;
    private static Browsers browsers;

    private BrowserContext context;
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        browsers = Browsers.open();
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
        server = PayaraMicro.inFreshFolder("page")
                .withApplication(TestApplication.war())
                .withAdminPage()
                .withJvmOption("-Draid.monitor.password.file="
                        + Files.writeString(folder.resolve("monitor-password"), MONITOR_PASSWORD + "\n"))
                .start();
        array = RemoteArray.mainOf(server);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (browsers != null) {
            browsers.close();
        }
    }

    @BeforeEach
    void allIsWell() {
        context = newContext(new Browser.NewContextOptions());
        array.makeOptimal();
    }

    @AfterEach
    void close() {
        context.close();
        assertThat(complaints).describedAs("what the browser complained of").isEmpty();
    }

    @Test
    void whoeverComesLogsInAndSeesTheArray() {
        Page page = context.newPage();
        page.navigate(server.uri("/raid/").toString());
        assertThat(page).hasURL(Pattern.compile(".*/raid/login.*"));

        AdminPage.logIn(page, "admin", PayaraMicro.PASSWORD);

        assertThat(page).hasTitle("All is well · ZEORaid");
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("All is well")))
                .isVisible();
        assertThat(page.locator(".member")).hasCount(3);
        assertThat(page.locator("#member-main-b .badge")).hasText("optimal");
        assertThat(page.locator("#member-main-b .place")).containsText("b/Data.fs");
        assertThat(page.locator(".event").first()).isVisible();
    }

    @Test
    void aWrongPasswordIsSaidSo() {
        Page page = context.newPage();
        page.navigate(server.uri("/raid/").toString());

        AdminPage.logIn(page, "admin", "not that one");

        assertThat(page.getByRole(AriaRole.ALERT)).hasText("That is not the right name or password.");
        assertThat(page.locator("#live")).hasCount(0);
        AdminPage.logIn(page, "admin", PayaraMicro.PASSWORD);
        assertThat(page.locator("#live")).isVisible();
        complaints.removeIf(complaint -> complaint.contains("401"));
    }

    @Test
    void whatHappensElsewhereShowsByItself() {
        Page page = signedIn("admin", PayaraMicro.PASSWORD);

        array.post("members/b/disable", "");

        Locator member = page.locator("#member-main-b");
        assertThat(member.locator(".badge")).hasText("disabled");
        assertThat(page).hasTitle("In service, not at full strength · ZEORaid");
        assertThat(page.locator(".tasks")).containsText("Member b");
        assertThat(page.locator("#announce")).containsText("not at full strength");

        array.post("members/b/recover", "");
        assertThat(member.locator(".badge")).hasText("optimal");
        assertThat(page).hasTitle("All is well · ZEORaid");
    }

    @Test
    void aMemberIsDisabledAndRecoveredFromThePageWithItsProgressToBeSeen() {
        Page page = signedIn("admin", PayaraMicro.PASSWORD);
        Locator member = page.locator("#member-main-c");

        link(page, "Disable c").click();
        Locator question = page.locator("dialog");
        assertThat(question).containsText("misses every transaction from now on");
        question.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Disable c"))
                .click();
        // the notice first: it does not stay
        assertThat(page.locator(".notice")).hasText(Pattern.compile("Disable c: (done|under way)\\."));
        assertThat(member.locator(".badge")).hasText("disabled");

        commitMegabytes(128);
        CompletableFuture<Void> bounded = CompletableFuture.runAsync(AdminPageIT::boundAsSoonAsItBegins);
        member.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Recover c"))
                .click();
        bounded.join();

        assertThat(member.locator(".badge")).hasText("recovering");
        Locator progress = member.locator("progress");
        assertThat(progress).isVisible();
        assertThat(member.locator(".operation")).containsText("bounded to 2.0 MB/s");
        String before = member.locator(".operation").textContent();
        assertThat(member.locator(".operation")).not().hasText(before);

        link(page, "Pause c").click();
        question.getByRole(AriaRole.BUTTON).click();
        assertThat(member.locator(".operation")).containsText("paused");
        assertThat(page.locator(".tasks")).containsText("Its recovery is paused");
        array.post("members/c/throttle", "{\"bytesPerSecond\": 0}");
        member.getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName("Resume c"))
                .click();
        question.getByRole(AriaRole.BUTTON).click();

        assertThat(member.locator(".badge")).hasText("optimal");
        assertThat(progress).hasCount(0);
        assertThat(page.locator("#verdict")).hasText("All is well");
    }

    @Test
    void whoMayOnlyLookHasNoButtons() {
        Page page = signedIn("monitor", MONITOR_PASSWORD);

        assertThat(page.locator("#member-main-a")).isVisible();
        assertThat(page.getByText("reading only")).isVisible();
        assertThat(page.locator("main .button")).hasCount(0);
        assertThat(page.navigate(server.uri("/raid/do/main/a/disable").toString())
                        .status())
                .isEqualTo(403);
        complaints.removeIf(complaint -> complaint.contains("403"));
    }

    @Test
    void aRefusalIsToldInWords() {
        Page page = signedIn("admin", PayaraMicro.PASSWORD);
        page.navigate(server.uri("/raid/do/main/assemble").toString());

        page.locator("#ask-name").fill("something else");
        page.locator(".ask .grave").click();
        assertThat(page.locator(".notice")).containsText("the name that was typed is not the array's");

        page.navigate(server.uri("/raid/do/main/assemble").toString());
        page.locator("#ask-name").fill("main");
        page.locator(".ask .grave").click();
        assertThat(page.locator(".notice")).containsText("Assemble by force main was refused: ");
    }

    @ParameterizedTest
    @CsvSource({
        "Commit, 'Commit, whatever the others did', committed, heuristic-commit, 2",
        "Roll back, 'Roll back, whatever the others did', rolled back, heuristic-rollback, 1"
    })
    void aBranchInDoubtIsDecidedAndForgotten(String decision, String button, String done, String event, int seed) {
        long before = array.lastEvent();
        String oid = server.post("/app/commit?seed=1").body().split(" ")[1];
        CompletableFuture<Void> transaction =
                CompletableFuture.runAsync(() -> server.post("/app/hold?seed=2&oid=" + oid + "&gate=" + event));
        try {
            Page page = signedIn("admin", PayaraMicro.PASSWORD);
            Locator branch = page.locator("li.branch");
            assertThat(branch).hasCount(1);
            assertThat(branch.locator(".tag")).hasText("in doubt");
            assertThat(branch).containsText("1 object");
            String xid = branch.locator(".xid").textContent();
            picture(page, "branch-in-doubt");

            link(page, decision + " branch " + xid).click();
            Locator question = page.locator("dialog");
            assertThat(question).containsText("This is a heuristic decision");
            question.getByText("Leave it").click();
            assertThat(question).hasCount(0);
            assertThat(branch.locator(".tag")).hasText("in doubt");
            confirm(page, decision + " branch " + xid, button);

            assertThat(page.locator(".notice")).hasText("Branch " + xid + " is " + done + ".");
            assertThat(branch.locator(".tag")).hasText(done + " by an admin");
            assertThat(page.locator(".events")).containsText("heuristic decision: an admin had the prepared branch");
            assertThat(page.locator(".events")).containsText("which changes 1 object, ");
            assertThat(server.get("/app/read?oid=" + oid).body()).endsWith(" " + seed + " 100 sound");

            confirm(page, "Forget branch " + xid, "Forget it");
            assertThat(page.locator(".notice")).hasText("Branch " + xid + " is forgotten.");
            assertThat(branch).hasCount(0);
            assertThat(array.eventsAfter(before)).containsSubsequence(event + " -", "heuristic-forget -");
        } finally {
            server.post("/app/open?gate=" + event);
        }
        // whatever its transaction manager made of it
        await().atMost(Duration.ofSeconds(60)).until(transaction::isDone);
        assertThat(server.post("/app/update?seed=3&oids=" + oid).statusCode()).isEqualTo(200);
    }

    private static void confirm(Page page, String link, String button) {
        link(page, link).click();
        page.locator("dialog")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(button))
                .click();
    }

    @Test
    void aNarrowWindowNeedsNoScrollingSideways() {
        for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
            Page page = signedIn(
                    new Browser.NewContextOptions().setViewportSize(360, 740).setColorScheme(scheme),
                    "admin",
                    PayaraMicro.PASSWORD);

            assertThat((Boolean) page.evaluate(
                            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                    .isTrue();
            assertThat(page.locator("#verdict")).isInViewport();
            picture(page, "narrow-" + scheme);
            page.context().close();
        }
    }

    @Test
    void theDarkSchemeIsDark() {
        Page light = signedIn(
                new Browser.NewContextOptions().setColorScheme(ColorScheme.LIGHT), "admin", PayaraMicro.PASSWORD);
        Page dark = signedIn(
                new Browser.NewContextOptions().setColorScheme(ColorScheme.DARK), "admin", PayaraMicro.PASSWORD);

        assertThat(brightness(light)).isGreaterThan(200);
        assertThat(brightness(dark)).isLessThan(60);
        picture(light, "wide-light");
        picture(dark, "wide-dark");
        light.context().close();
        dark.context().close();
    }

    @Test
    void everythingWorksWithoutJavaScriptToo() {
        Page page =
                signedIn(new Browser.NewContextOptions().setJavaScriptEnabled(false), "admin", PayaraMicro.PASSWORD);
        assertThat(page.locator("#verdict")).hasText("All is well");

        link(page, "Verify a").click();
        assertThat(page.locator("h1")).hasText("Verify member a of main?");
        page.locator(".ask button").click();

        assertThat(page.locator(".notice")).hasText("Verify a: under way.");
        page.context().close();
    }

    @Test
    void theKeyboardDoes() {
        Page page = signedIn("admin", PayaraMicro.PASSWORD);

        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        link(page, "Disable a").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("dialog")).isVisible();
        page.keyboard().press("Escape");

        assertThat(page.locator("dialog")).hasCount(0);
        assertThat(link(page, "Disable a")).isFocused();
        assertThat(page.locator("#member-main-a .badge")).hasText("optimal");
    }

    @Test
    void whoSignsOutIsOut() {
        Page page = signedIn("admin", PayaraMicro.PASSWORD);

        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign out"))
                .click();

        assertThat(page).hasURL(Pattern.compile(".*/raid/login.*"));
        page.navigate(server.uri("/raid/").toString());
        assertThat(page).hasURL(Pattern.compile(".*/raid/login.*"));
        // the page that was left may have asked for news once more
        complaints.removeIf(complaint -> complaint.contains("401"));
    }

    private Page signedIn(String user, String password) {
        return signIn(context.newPage(), user, password);
    }

    private Page signedIn(Browser.NewContextOptions options, String user, String password) {
        return signIn(newContext(options).newPage(), user, password);
    }

    private static Page signIn(Page page, String user, String password) {
        page.navigate(server.uri("/raid/").toString());
        AdminPage.logIn(page, user, password);
        assertThat(page.locator("#live")).isVisible();
        return page;
    }

    /** A context whose pages tell of scripts that fail and of everything that the content policy stops. */
    private BrowserContext newContext(Browser.NewContextOptions options) {
        BrowserContext made = browsers.browser().newContext(options);
        made.setDefaultTimeout(PATIENCE);
        made.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        made.onWebError(error -> complaints.add(error.error()));
        return made;
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static double brightness(Page page) {
        String color = (String) page.evaluate("getComputedStyle(document.body).backgroundColor");
        return Pattern.compile("\\d+")
                .matcher(color)
                .results()
                .limit(3)
                .mapToInt(part -> Integer.parseInt(part.group()))
                .average()
                .orElseThrow();
    }

    /** For people to look at. */
    private static void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(Path.of(System.getProperty("raid.pages", "target/pages"), name + ".png"))
                .setFullPage(true));
    }

    /** Asks before there is a recovery, and goes on asking: it is bounded long before it could have copied everything. */
    private static void boundAsSoonAsItBegins() {
        await().atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> array.tryPost("members/c/throttle", "{\"bytesPerSecond\": 2000000}")
                                .statusCode()
                        != 409);
    }

    private static void commitMegabytes(int megabytes) {
        for (int i = 0; i < megabytes; i += 8) {
            HttpResponse<String> commit = server.post("/app/commit?objects=8&size=1000000&seed=" + i);
            assertThat(commit.statusCode()).describedAs(commit.body()).isEqualTo(200);
        }
    }
}

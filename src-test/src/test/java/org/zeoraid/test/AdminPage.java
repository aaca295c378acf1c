package org.zeoraid.test;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;

/** The admin page of the array {@code main}, open in a browser of its own. */
public final class AdminPage implements AutoCloseable {
    private static final double PATIENCE = 120_000;

    private final Browsers browsers;
    private final Page page;

    private AdminPage(Browsers browsers, Page page) {
        this.browsers = browsers;
        this.page = page;
    }

    /** Opens it, and signs in as {@code admin}. Where no browser can be had the test is skipped. */
    public static AdminPage of(PayaraMicro server) {
        Browsers browsers = Browsers.open();
        Page page = browsers.browser().newPage(new Browser.NewPageOptions());
        page.setDefaultTimeout(PATIENCE);
        page.navigate(server.uri("/raid/").toString());
        logIn(page, "admin", PayaraMicro.PASSWORD);
        return new AdminPage(browsers, page);
    }

    static void logIn(Page page, String user, String password) {
        page.getByLabel("User").fill(user);
        page.getByLabel("Password").fill(password);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
    }

    /** Presses a member's button, and waits until the page shows the member as optimal. */
    public void recover(String member) {
        Locator shown = page.locator("#member-main-" + member);
        shown.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Recover " + member))
                .click();
        assertThat(shown.locator(".badge"))
                .hasText("optimal", new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE));
    }

    @Override
    public void close() {
        browsers.close();
    }
}

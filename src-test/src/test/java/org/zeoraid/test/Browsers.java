package org.zeoraid.test;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * A headless Chromium: the one that the environment variable {@code CHROMIUM} names, else {@code /usr/bin/chromium}, else
 * Playwright's own download. Where none can be had, the test that asks for it is skipped and says why.
 */
final class Browsers implements AutoCloseable {
    private static final List<String> OPTIONS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    private Browsers(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    static Browsers open() {
        Optional<Path> installed = installed();
        Map<String, String> environment =
                installed.isPresent() ? Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1") : Map.of();
        BrowserType.LaunchOptions options = new BrowserType.LaunchOptions().setArgs(OPTIONS);
        installed.ifPresent(options::setExecutablePath);
        Playwright playwright;
        try {
            playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
        } catch (PlaywrightException e) {
            return unlessInstalled(installed, e);
        }
        try {
            return new Browsers(playwright, playwright.chromium().launch(options));
        } catch (PlaywrightException e) {
            playwright.close();
            return unlessInstalled(installed, e);
        }
    }

    /** A browser that is there and does not work is a failure, one that cannot be had is not. */
    private static Browsers unlessInstalled(Optional<Path> installed, PlaywrightException e) {
        if (installed.isPresent()) {
            throw e;
        }
        return Assumptions.abort("no browser: neither $CHROMIUM nor /usr/bin/chromium is there, and Playwright's own"
                + " could not be downloaded: " + e.getMessage());
    }

    private static Optional<Path> installed() {
        String named = System.getenv("CHROMIUM");
        if (named != null && !named.isBlank()) {
            return Optional.of(Path.of(named));
        }
        return Optional.of(Path.of("/usr/bin/chromium")).filter(Files::isExecutable);
    }

    Browser browser() {
        return browser;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}

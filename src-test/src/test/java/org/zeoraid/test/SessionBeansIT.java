package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.ejb.ObjectStore;
import org.zeoraid.test.beans.Shelf;

/** The session beans in an application of one's own, over a real array. */
class SessionBeansIT {
    private static final ExecutorService CLIENTS = Executors.newFixedThreadPool(4);
    private static PayaraMicro server;

    @BeforeAll
    static void start() throws URISyntaxException {
        File beans = new File(ObjectStore.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        server = PayaraMicro.inFreshFolder("beans");
        Path war = server.data().getParent().resolve("beans.war");
        assertThat(war.getParent().toFile().mkdirs()).isTrue();
        ShrinkWrap.create(WebArchive.class, "beans.war")
                .addPackage(Shelf.class.getPackage())
                .addAsLibrary(beans, "raid-ejb.jar")
                .as(ZipExporter.class)
                .exportTo(war.toFile(), true);
        server.withApplication(war).start();
    }

    @AfterAll
    static void stop() {
        CLIENTS.shutdown();
        if (server != null) {
            server.close();
        }
    }

    @Test
    void anObjectIsFoundAgainByItsNameAfterARestart() {
        ask("put", "books/Ilias", "Singe den Zorn, Pelide Achilleus");

        server.stop();
        server.start();

        assertThat(ask("get", "books/Ilias", "")).isEqualTo("Singe den Zorn, Pelide Achilleus");
        assertThat(ask("list", "books/", "")).isEqualTo("books/Ilias");
    }

    @Test
    void whatTheContainerRollsBackIsGone() {
        assertThat(answer("putAndFail", "failed", "x").statusCode()).isEqualTo(500);

        assertThat(ask("get", "failed", "")).isEqualTo("nothing");
    }

    @Test
    void anObjectThatIsNotThereDoesNotRollBack() {
        assertThat(ask("putAfterLookingInVain", "looked", "x")).isEqualTo("not found: 000000007fffffff");

        assertThat(ask("get", "looked", "")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"increment", "incrementByConnection"})
    void conflictsAreRetriedAndNoIncrementIsLost(String way) {
        ask("put", "counter", "0");

        List<CompletableFuture<HttpResponse<String>>> increments = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            increments.add(CompletableFuture.supplyAsync(() -> answer(way, "counter", ""), CLIENTS));
        }

        assertThat(increments).allSatisfy(increment -> assertThat(increment.join())
                .satisfies(answer -> assertThat(answer.statusCode())
                        .describedAs(answer.body())
                        .isEqualTo(200)));
        assertThat(ask("get", "counter", "")).isEqualTo("40");
    }

    @Test
    void aBlobComesBack() {
        ask("putBlob", "blob", "many bytes".repeat(300));

        assertThat(ask("getBlob", "blob", "")).isEqualTo("many bytes".repeat(300));
    }

    @Test
    void theLastTransactionIsUndone() {
        ask("put", "undone", "before");
        ask("put", "undone", "after");

        ask("undo", "", "");

        assertThat(ask("get", "undone", "")).isEqualTo("before");
    }

    private static String ask(String what, String name, String text) {
        HttpResponse<String> answer = answer(what, name, text);
        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static HttpResponse<String> answer(String what, String name, String text) {
        return server.post("/beans/shelf?do=" + what + "&name=" + URLEncoder.encode(name, StandardCharsets.UTF_8)
                + "&text=" + URLEncoder.encode(text, StandardCharsets.UTF_8));
    }
}

package org.zeoraid.test;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.zeoraid.test.app.TestBean;

/** A small application that uses an array through JNDI; see {@link org.zeoraid.test.app.TestFace} for what it can do. */
public final class TestApplication {
    private TestApplication() {}

    public static WebArchive archive() {
        return ShrinkWrap.create(WebArchive.class, "app.war").addPackage(TestBean.class.getPackage());
    }

    /** The archive as a file {@code app.war}, made anew: deployed under {@code /app}. */
    public static Path war() {
        Path file = Path.of(System.getProperty("raid.work", "target/work")).resolve("app.war");
        try {
            Files.createDirectories(file.getParent());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        archive().as(ZipExporter.class).exportTo(file.toFile(), true);
        return file;
    }
}

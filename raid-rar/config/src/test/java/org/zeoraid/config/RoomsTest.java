package org.zeoraid.config;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Random;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;

/** Which room may know which, and that time, randomness, threads and files come from outside. This room sees them all. */
@AnalyzeClasses(
        packages = "org.zeoraid",
        importOptions = {ImportOption.DoNotIncludeTests.class, RoomsTest.NoTestJars.class})
class RoomsTest {

    /** Another room's tests come as a jar of their own, which the first option takes for the product. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String STORAGE = "org.zeoraid.storage..";
    private static final String FILE = "org.zeoraid.file..";
    private static final String ZEO = "org.zeoraid.zeo..";
    private static final String ARRAY = "org.zeoraid.array..";
    private static final String CONFIG = "org.zeoraid.config..";

    @ArchTest
    static final ArchRule STORAGE_KNOWS_NOTHING_ELSE = classes()
            .that()
            .resideInAPackage(STORAGE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(STORAGE, "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule FILE_KNOWS_STORAGE = classes()
            .that()
            .resideInAPackage(FILE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(FILE, STORAGE, "java..", "org.jspecify..", "it.unimi.dsi.fastutil..");

    @ArchTest
    static final ArchRule ARRAY_KNOWS_STORAGE = classes()
            .that()
            .resideInAPackage(ARRAY)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ARRAY,
                    STORAGE,
                    "java..",
                    "org.jspecify..",
                    "com.github.benmanes.caffeine..",
                    "it.unimi.dsi.fastutil..");

    @ArchTest
    static final ArchRule ZEO_KNOWS_STORAGE = classes()
            .that()
            .resideInAPackage(ZEO)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ZEO, STORAGE, "java..", "javax.net.ssl..", "org.jspecify..", "io.netty..", "org.msgpack..");

    @ArchTest
    static final ArchRule CONFIG_KNOWS_THE_ROOMS_BELOW = classes()
            .that()
            .resideInAPackage(CONFIG)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(CONFIG, ARRAY, FILE, ZEO, STORAGE, "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule NOTHING_IS_LEFT_WITH_THREADS_OF_OTHERS = noClasses()
            .that()
            .resideInAnyPackage(STORAGE, FILE, ARRAY, ZEO, CONFIG)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocal.class);

    @ArchTest
    static final ArchRule THE_OUTSIDE_WORLD_IS_HANDED_IN = noClasses()
            .that()
            .resideInAnyPackage(FILE, ARRAY)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callConstructorWhere(ofAny(Thread.class, Random.class, Timer.class, ThreadPoolExecutor.class))
            .orShould()
            .callConstructorWhere(ofAny(FileInputStream.class, FileOutputStream.class, RandomAccessFile.class))
            .orShould()
            .callMethodWhere(named("open", FileChannel.class, AsynchronousFileChannel.class))
            .orShould()
            .callMethodWhere(named("now", Instant.class, LocalDateTime.class))
            .orShould()
            .callMethodWhere(named("sleep", Thread.class))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Executors.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ForkJoinPool.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocalRandom.class)
            .orShould()
            .callMethodWhere(named("systemUTC", Clock.class).or(named("systemDefaultZone", Clock.class)))
            .orShould()
            .callMethodWhere(named("orTimeout", CompletableFuture.class)
                    .or(named("completeOnTimeout", CompletableFuture.class))
                    .or(named("delayedExecutor", CompletableFuture.class)))
            .because("one seeded, single-threaded simulation runs the real code; see"
                    + " org.zeoraid.storage.seam.Environment");

    @ArchTest
    static final ArchRule THE_PACKAGES_OF_THIS_ROOM_HAVE_NO_CYCLES = SlicesRuleDefinition.slices()
            .matching("org.zeoraid.(config..)")
            .should()
            .beFreeOfCycles();

    private static DescribedPredicate<JavaCall<?>> ofAny(Class<?>... owners) {
        return DescribedPredicate.describe("of the outside world", call -> isAny(call, owners));
    }

    private static DescribedPredicate<JavaCall<?>> named(String name, Class<?>... owners) {
        return DescribedPredicate.describe(
                "called " + name, call -> HasName.Predicates.name(name).test(call.getTarget()) && isAny(call, owners));
    }

    private static boolean isAny(JavaCall<?> call, Class<?>... owners) {
        for (Class<?> owner : owners) {
            if (call.getTargetOwner().isEquivalentTo(owner)) {
                return true;
            }
        }
        return false;
    }
}

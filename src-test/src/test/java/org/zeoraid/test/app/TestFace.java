package org.zeoraid.test.app;

import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.test.app.TestBean.NewObjects;

/**
 * Drives the bean by HTTP; answers are plain text.
 *
 * <pre>
 * POST commit?objects=1&amp;blobs=0&amp;size=100&amp;seed=0&amp;arrays=main&amp;end=COMMIT&amp;barrier=
 *      stores new objects in one transaction, the first of them with blobs; 200 and "TID OID OID …" once it is acknowledged
 * POST update?oids=OID,OID&amp;seed=1&amp;array=main&amp;end=COMMIT&amp;barrier=
 *      loads and stores; with a barrier two such requests both load before one stores
 * POST halt?oid=OID&amp;seed=1&amp;at=PREPARE|COMMIT&amp;array=main
 *      stores an object and a row of the database jdbc/other in a transaction that halts the server at that step; no answer
 * POST hold?oid=OID&amp;seed=1&amp;gate=NAME&amp;array=main
 *      stores an object in a transaction that stays in doubt until the gate is opened; answers then
 * POST open?gate=NAME
 * POST leak?array=main              takes a connection and closes it never; /leak/transaction: in a transaction
 * POST seeds                        makes the table for these rows
 * GET  seeds                        the rows' seeds, such as [1, 2]
 * GET  read?oid=OID&amp;array=main      "SERIAL SEED SIZE sound|damaged" of an object or its blob, 404 if there is none
 * POST verify?array=main            lines "OID SEED" in the body; 200 and "N" if all are there like that, else 409 and
 *                                   a line for each that is not
 * GET  last?array=main              the last tid
 * GET  loads?objects=1000&amp;rounds=10&amp;array=main      loads a second, in one transaction, of objects made for it
 * GET  transactions?objects=100&amp;rounds=1000&amp;array=main      "N M": microseconds, medians, of a transaction that loads
 *                                   objects made for it, and of the same loads of the array's own, without a transaction
 * </pre>
 *
 * A failure is 404 for an object that is not there, 409 for a conflict, 503 for what may be tried later, 500 otherwise.
 * Its body has what the connection's outcome tells ("outcome: …"), and then each exception that the caller of the bean
 * sees, in a line each.
 */
@Path("/")
@Stateless
@Produces(MediaType.TEXT_PLAIN)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class TestFace {
    @EJB
    private TestBean bean;

    @POST
    @Path("commit")
    public Response commit(
            @QueryParam("arrays") @DefaultValue("main") String arrays,
            @QueryParam("objects") @DefaultValue("1") int objects,
            @QueryParam("blobs") @DefaultValue("0") int blobs,
            @QueryParam("size") @DefaultValue("100") int size,
            @QueryParam("seed") @DefaultValue("0") long seed,
            @QueryParam("end") @DefaultValue("COMMIT") TestBean.End end,
            @QueryParam("barrier") @DefaultValue("") String barrier) {
        NewObjects wanted = new NewObjects(objects, blobs, size, seed);
        return answer(work -> bean.store(list(arrays), wanted, end, () -> Barriers.meet(barrier), work));
    }

    @POST
    @Path("update")
    public Response update(
            @QueryParam("array") @DefaultValue("main") String array,
            @QueryParam("oids") String oids,
            @QueryParam("seed") @DefaultValue("1") long seed,
            @QueryParam("end") @DefaultValue("COMMIT") TestBean.End end,
            @QueryParam("barrier") @DefaultValue("") String barrier) {
        return answer(work -> bean.update(
                array, list(oids).stream().map(Oid::parse).toList(), seed, end, () -> Barriers.meet(barrier), work));
    }

    @POST
    @Path("halt")
    public void halt(
            @QueryParam("array") @DefaultValue("main") String array,
            @QueryParam("oid") String oid,
            @QueryParam("seed") @DefaultValue("0") long seed,
            @QueryParam("at") HaltingResource.Step at) {
        bean.storeAndHalt(array, Oid.parse(oid), seed, at);
    }

    @POST
    @Path("hold")
    public void hold(
            @QueryParam("array") @DefaultValue("main") String array,
            @QueryParam("oid") String oid,
            @QueryParam("seed") @DefaultValue("0") long seed,
            @QueryParam("gate") String gate) {
        bean.storeAndHold(array, Oid.parse(oid), seed, gate);
    }

    @POST
    @Path("open")
    public void open(@QueryParam("gate") String gate) {
        Barriers.open(gate);
    }

    @POST
    @Path("leak")
    public void leak(@QueryParam("array") @DefaultValue("main") String array) {
        bean.leak(array);
    }

    @POST
    @Path("leak/transaction")
    public void leakInTransaction(@QueryParam("array") @DefaultValue("main") String array) {
        bean.leakInTransaction(array);
    }

    @POST
    @Path("seeds")
    public void createSeeds() {
        bean.createSeeds();
    }

    @GET
    @Path("seeds")
    public String seeds() {
        return bean.seeds().toString();
    }

    @GET
    @Path("read")
    public Response read(@QueryParam("array") @DefaultValue("main") String array, @QueryParam("oid") String oid) {
        try (RaidConnection connection = TestBean.factory(array).getConnection()) {
            Oid wanted = Oid.parse(oid);
            Revision revision = connection.load(wanted);
            byte[] content = content(connection, wanted, revision);
            return Response.ok(revision.serial() + " " + Payload.seedOf(content) + " " + content.length
                            + (Payload.isSound(wanted, content) ? " sound" : " damaged"))
                    .build();
        } catch (RuntimeException e) {
            return failure(e, new TestBean.Work());
        }
    }

    @POST
    @Path("verify")
    public Response verify(@QueryParam("array") @DefaultValue("main") String array, String expected) {
        StringJoiner wrong = new StringJoiner("\n");
        List<String> lines = expected.lines().filter(line -> !line.isBlank()).toList();
        try (RaidConnection connection = TestBean.factory(array).getConnection()) {
            for (String line : lines) {
                String[] words = line.strip().split(" ");
                difference(connection, Oid.parse(words[0]), Long.parseLong(words[1]))
                        .ifPresent(wrong::add);
            }
        }
        return wrong.length() == 0
                ? Response.ok(Integer.toString(lines.size())).build()
                : Response.status(Response.Status.CONFLICT)
                        .entity(wrong.toString())
                        .build();
    }

    @GET
    @Path("last")
    public String last(@QueryParam("array") @DefaultValue("main") String array) {
        try (RaidConnection connection = TestBean.factory(array).getConnection()) {
            return connection.lastTid().toString();
        }
    }

    @GET
    @Path("loads")
    public Response loads(
            @QueryParam("array") @DefaultValue("main") String array,
            @QueryParam("objects") @DefaultValue("1000") int objects,
            @QueryParam("rounds") @DefaultValue("10") int rounds) {
        List<Oid> oids = stored(array, objects);
        long[] nanos = {0};
        bean.inTransaction(array, connection -> {
            long begin = System.nanoTime();
            for (int round = 0; round < rounds; round++) {
                oids.forEach(connection::load);
            }
            nanos[0] = System.nanoTime() - begin;
        });
        return Response.ok(Math.round(1e9 * objects * rounds / nanos[0])).build();
    }

    @GET
    @Path("transactions")
    public String transactions(
            @QueryParam("array") @DefaultValue("main") String array,
            @QueryParam("objects") @DefaultValue("100") int objects,
            @QueryParam("rounds") @DefaultValue("1000") int rounds) {
        List<Oid> oids = stored(array, objects);
        // as an injected one
        RaidConnectionFactory factory = TestBean.factory(array);
        long[] within = new long[rounds];
        long[] alone = new long[rounds];
        bean.withoutTransaction(array, outside -> {
            Tid now = outside.lastTid().after();
            for (int round = 0; round < rounds; round++) {
                long begin = System.nanoTime();
                bean.load(factory, oids);
                long between = System.nanoTime();
                oids.forEach(oid -> outside.loadBefore(oid, now));
                within[round] = between - begin;
                alone[round] = System.nanoTime() - between;
            }
        });
        return medianMicros(within) + " " + medianMicros(alone);
    }

    private List<Oid> stored(String array, int objects) {
        TestBean.Work made = new TestBean.Work();
        bean.store(List.of(array), new NewObjects(objects, 0, 1000, 1), TestBean.End.COMMIT, () -> {}, made);
        return made.oids;
    }

    private static long medianMicros(long[] nanos) {
        Arrays.sort(nanos);
        return Math.round(nanos[nanos.length / 2] / 1e3);
    }

    private static Optional<String> difference(RaidConnection connection, Oid oid, long seed) {
        try {
            byte[] content = content(connection, oid, connection.load(oid));
            if (!Payload.isSound(oid, content)) {
                return Optional.of(oid + " is damaged");
            }
            return Payload.seedOf(content) == seed
                    ? Optional.empty()
                    : Optional.of(oid + " has seed " + Payload.seedOf(content) + ", not " + seed);
        } catch (StorageException e) {
            return Optional.of(oid + ": " + e.getMessage());
        }
    }

    /** The data of an object, or its blob. */
    private static byte[] content(RaidConnection connection, Oid oid, Revision revision) {
        if (!BlobRecords.isBlob(revision.data())) {
            return revision.data();
        }
        try (InputStream blob = connection.blob(oid).open()) {
            return blob.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Response answer(Consumer<TestBean.Work> task) {
        TestBean.Work work = new TestBean.Work();
        try {
            task.accept(work);
        } catch (RuntimeException e) {
            return failure(e, work);
        }
        try {
            String tids = work.outcomes.stream()
                    .map(TestFace::await)
                    .map(Tid::toString)
                    .collect(Collectors.joining(","));
            String oids = work.oids.stream().map(Oid::toString).collect(Collectors.joining(" "));
            return Response.ok(tids + " " + oids).build();
        } catch (RuntimeException e) {
            return failure(new IllegalStateException("the method returned normally"), work);
        }
    }

    private static Tid await(CompletionStage<Tid> outcome) {
        return outcome.toCompletableFuture().join();
    }

    private static Response failure(RuntimeException problem, TestBean.Work work) {
        StringBuilder body = new StringBuilder();
        Stream<Throwable> causes = causes(problem);
        for (CompletionStage<Tid> outcome : work.outcomes) {
            CompletableFuture<Tid> future = outcome.toCompletableFuture();
            if (future.isCompletedExceptionally()) {
                Throwable told = future.handle((tid, error) -> error).join();
                body.append("outcome: ").append(told).append('\n');
                causes = Stream.concat(causes, causes(told));
            }
        }
        int status = status(causes.filter(StorageException.class::isInstance).map(StorageException.class::cast));
        return Response.status(status).entity(body + chain(problem)).build();
    }

    private static int status(Stream<StorageException> known) {
        return known.mapToInt(e -> {
                    if (e instanceof ConflictException) {
                        return 409;
                    }
                    if (e instanceof ObjectNotFoundException) {
                        return 404;
                    }
                    return e.retry() == StorageException.Retry.LATER ? 503 : 500;
                })
                .min()
                .orElse(500);
    }

    private static Stream<Throwable> causes(Throwable problem) {
        return Stream.iterate(problem, e -> e != null, Throwable::getCause);
    }

    private static String chain(Throwable problem) {
        return causes(problem).map(Throwable::toString).collect(Collectors.joining("\n"));
    }

    private static List<String> list(String words) {
        return Arrays.stream(words.split(",")).filter(word -> !word.isBlank()).toList();
    }
}

package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.failure;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.UndoException;

/**
 * Random operations on the storage and on a model of it, compared after each. The seed is printed; the system property
 * {@code contract.seed} runs the same again, {@code contract.steps} runs longer.
 */
interface RandomStorageContract extends StorageHarness {

    int OBJECTS = 12;

    /** Whether a pack does anything. */
    boolean hasPack();

    @Test
    default void randomOperationsGiveWhatTheModelGives() throws Exception {
        long seed = RandomHistory.seed();
        Random random = new Random(seed);
        Model model = new Model();
        Tid packedTo = Tid.NONE;
        int steps = Integer.getInteger("contract.steps", 400);
        for (int step = 0; step < steps; step++) {
            int what = random.nextInt(100);
            if (what < 55) {
                change(random, model);
            } else if (what < 70) {
                undo(random, model);
            } else if (what < 80) {
                conflict(random, model);
            } else if (what < 83 && hasPack()) {
                packedTo = pack(random, model, packedTo);
            } else if (what < 86) {
                reopen();
            }
            compare(random, model, packedTo, "seed " + seed + ", step " + step);
        }
    }

    private void change(Random random, Model model) {
        Map<Oid, Optional<byte[]>> changes = new HashMap<>();
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            Oid oid = new Oid(random.nextInt(OBJECTS));
            boolean delete = random.nextInt(6) == 0 && model.current(oid).isPresent();
            if (delete) {
                transaction.delete(oid, model.serial(oid));
                changes.put(oid, Optional.empty());
            } else {
                byte[] data = new byte[1 + random.nextInt(3)];
                random.nextBytes(data);
                transaction.store(oid, model.serial(oid), data);
                changes.put(oid, Optional.of(data));
            }
        }
        await(transaction.vote());
        if (random.nextInt(8) == 0) {
            await(transaction.abort());
        } else {
            model.commit(await(transaction.finish()), changes);
        }
    }

    private void undo(Random random, Model model) {
        List<Tid> tids = model.tids();
        if (tids.isEmpty()) {
            return;
        }
        Tid tid = tids.get(Math.max(0, tids.size() - 1 - random.nextInt(8)));
        Optional<Map<Oid, Optional<byte[]>>> changes = model.undo(tid);
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        transaction.undo(tid);
        if (changes.isEmpty()) {
            failure(UndoException.class, transaction.vote());
            await(transaction.abort());
        } else {
            assertThat(await(transaction.vote()))
                    .containsExactlyInAnyOrderElementsOf(changes.get().keySet());
            model.commit(await(transaction.finish()), changes.get());
        }
    }

    private void conflict(Random random, Model model) {
        Oid oid = new Oid(random.nextInt(OBJECTS));
        Tid wrong = model.serial(oid).equals(Tid.NONE)
                ? new Tid(5)
                : model.serial(oid).before();
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        if (random.nextInt(2) == 0) {
            transaction.checkCurrent(oid, wrong);
        } else {
            transaction.store(oid, wrong, new byte[] {1});
        }
        assertThat(failure(ConflictException.class, transaction.vote()).conflicts())
                .hasSize(1);
        await(transaction.abort());
    }

    private Tid pack(Random random, Model model, Tid packedTo) {
        List<Tid> tids = model.tids();
        if (tids.isEmpty()) {
            return packedTo;
        }
        Tid upTo = tids.get(random.nextInt(tids.size()));
        await(storage().pack(new PackRequest(upTo, PackRequest.Garbage.KEEP)));
        Tid last = model.lastTid();
        model.pack(upTo);
        if (upTo.equals(last)) {
            // The model has forgotten it, and tids must go on behind it.
            assertThat(await(storage().lastTid())).isEqualTo(last);
        }
        return upTo;
    }

    private void compare(Random random, Model model, Tid packedTo, String when) {
        Storage storage = storage();
        Tid last = await(storage.lastTid());
        assertThat(last).as(when).isEqualTo(model.tids().isEmpty() ? packedTo : model.lastTid());
        for (int i = 0; i < OBJECTS; i++) {
            Oid oid = new Oid(i);
            assertThat(await(storage.serial(oid))).as(when).isEqualTo(model.serial(oid));
            assertThat(load(storage, oid, Tid.MAX)).as(when + ", object " + oid).isEqualTo(model.load(oid, Tid.MAX));
        }
        List<Tid> tids = model.tids();
        if (!tids.isEmpty()) {
            Tid before = tids.get(random.nextInt(tids.size()));
            for (int i = 0; i < OBJECTS; i++) {
                Oid oid = new Oid(i);
                assertThat(known(load(storage, oid, before), packedTo))
                        .as(when + ", object " + oid + " before " + before)
                        .isEqualTo(known(model.load(oid, before), packedTo));
            }
        }
        if (random.nextInt(10) == 0) {
            assertThat(Steps.all(storage.currentRecords(Oid.ROOT), 1 + random.nextInt(10)))
                    .as(when)
                    .extracting(CurrentRecord::oid)
                    .isEqualTo(model.objects.keySet().stream()
                            .filter(oid -> model.current(oid).isPresent())
                            .toList());
        }
    }

    /** A pack may forget a deletion, or keep it. */
    static String known(String answer, Tid packedTo) {
        return !packedTo.equals(Tid.NONE) && answer.equals("not found") ? "nothing yet" : answer;
    }

    private static String load(Storage storage, Oid oid, Tid before) {
        try {
            return await(storage.loadBefore(oid, before)).map(Model::text).orElse("nothing yet");
        } catch (ObjectNotFoundException e) {
            return "not found";
        }
    }
}

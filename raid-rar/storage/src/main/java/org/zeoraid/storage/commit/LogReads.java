package org.zeoraid.storage.commit;

import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/**
 * What one request reads of the log. A request is carried out in its caller's thread, which a disk may hold up, until it has
 * to wait for something; from then on it goes on in whichever thread brings that, and others read for it.
 */
final class LogReads {

    /** How many objects of one request are asked for at once: a member has to have room for the questions of many. */
    static final int MOST_AT_ONCE = 500;

    private final TransactionLog log;
    private volatile ReadableStorage now;

    LogReads(TransactionLog log) {
        this.log = log;
        this.now = log;
    }

    /** To be told of each stage before the request goes on from it. */
    <T> CompletionStage<T> after(CompletionStage<T> stage) {
        if (!Stages.isAtHand(stage.toCompletableFuture())) {
            now = log.aside();
        }
        return stage;
    }

    /** Asks something of each of these objects, however many they are. */
    <T> CompletionStage<Map<Oid, T>> each(Collection<Oid> oids, Function<Oid, CompletionStage<T>> question) {
        return each(oids.iterator(), question, new HashMap<>());
    }

    private <T> CompletionStage<Map<Oid, T>> each(
            Iterator<Oid> left, Function<Oid, CompletionStage<T>> question, Map<Oid, T> answers) {
        while (left.hasNext()) {
            Map<Oid, CompletableFuture<T>> open = new HashMap<>();
            while (left.hasNext() && open.size() < MOST_AT_ONCE) {
                Oid oid = left.next();
                CompletableFuture<T> answer = question.apply(oid).toCompletableFuture();
                if (Stages.isAtHand(answer)) {
                    answers.put(oid, answer.join());
                } else {
                    open.put(oid, answer);
                }
            }
            if (!open.isEmpty()) {
                CompletableFuture<Void> all =
                        CompletableFuture.allOf(open.values().toArray(new CompletableFuture<?>[0]));
                return Stages.then(after(all), nothing -> {
                    open.forEach((oid, answer) -> answers.put(oid, answer.join()));
                    return each(left, question, answers);
                });
            }
        }
        return CompletableFuture.completedFuture(answers);
    }

    ReadableStorage now() {
        return now;
    }

    CompletionStage<Tid> packedTo() {
        return log.packedTo();
    }
}

package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;

/**
 * Reads of what has been published. The log below also shows what is not acknowledged yet, and may never be; here the
 * published last tid bounds every answer.
 */
final class PublishedReads {

    private final TransactionLog log;
    private final CommitStream stream;

    PublishedReads(TransactionLog log, CommitStream stream) {
        this.log = log;
        this.stream = stream;
    }

    CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        CommitStream.Published published = stream.published();
        if (published == null) {
            return loadBefore(new LogReads(log), oid, before);
        }
        CompletableFuture<Optional<Revision>> answer =
                log.loadBefore(oid, bound(before, published)).toCompletableFuture();
        // The usual case: the answer is at hand, and fine as it is. Nothing is allocated here.
        if (Stages.isAtHand(answer)) {
            Optional<Revision> found = answer.join();
            if (found.isPresent()) {
                Revision revision = found.get();
                if (!revision.end().isAfter(published.last()) || revision.isCurrent()) {
                    return answer;
                }
            }
        }
        return judged(new LogReads(log), answer, oid, before, published);
    }

    private CompletionStage<Optional<Revision>> loadBefore(LogReads reads, Oid oid, Tid before) {
        CommitStream.Published published = stream.published();
        if (published == null) {
            return Stages.then(reads.after(stream.ready()), nothing -> loadBefore(reads, oid, before));
        }
        return judged(reads, reads.now().loadBefore(oid, bound(before, published)), oid, before, published);
    }

    private static Tid bound(Tid before, CommitStream.Published published) {
        return before.compareTo(published.bound()) < 0 ? before : published.bound();
    }

    private CompletionStage<Optional<Revision>> judged(
            LogReads reads,
            CompletionStage<Optional<Revision>> answer,
            Oid oid,
            Tid before,
            CommitStream.Published published) {
        return Stages.then(reads.after(answer), found -> judged(reads, found, oid, before, published));
    }

    @SuppressWarnings("ReferenceEquality") // each commit makes another
    private CompletionStage<Optional<Revision>> judged(
            LogReads reads, Optional<Revision> found, Oid oid, Tid before, CommitStream.Published published) {
        if (found.isPresent()) {
            Revision revision = found.get();
            return CompletableFuture.completedFuture(
                    revision.end().isAfter(published.last()) && !revision.isCurrent()
                            ? Optional.of(new Revision(revision.data(), revision.serial(), Tid.MAX))
                            : found);
        }
        if (before.isAfter(published.last())) {
            // Nothing up to the published end. A commit and a pack may have overtaken the question.
            return stream.published() == published
                    ? CompletableFuture.failedFuture(new ObjectNotFoundException(oid))
                    : loadBefore(reads, oid, before);
        }
        // Nothing that early; there is something only if it was published since.
        return Stages.map(serial(reads, oid), serial -> {
            if (serial.equals(Tid.NONE)) {
                throw new ObjectNotFoundException(oid);
            }
            return found;
        });
    }

    CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        LogReads reads = new LogReads(log);
        return bounded(
                reads,
                last -> serial.isAfter(last)
                        ? notFound(oid, serial)
                        : reads.now().loadSerial(oid, serial));
    }

    CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        LogReads reads = new LogReads(log);
        return bounded(
                reads,
                last -> serial.isAfter(last)
                        ? notFound(oid, serial)
                        : reads.now().blob(oid, serial));
    }

    private static <T> CompletionStage<T> notFound(Oid oid, Tid serial) {
        return CompletableFuture.failedFuture(new ObjectNotFoundException(oid, serial));
    }

    CompletionStage<Tid> serial(Oid oid) {
        return serial(new LogReads(log), oid);
    }

    private CompletionStage<Tid> serial(LogReads reads, Oid oid) {
        return bounded(reads, last -> {
            CompletionStage<Tid> answer = reads.after(reads.now().serial(oid));
            return Stages.then(answer, serial -> serial.isAfter(last) ? earlierSerial(reads, oid) : answer);
        });
    }

    private CompletionStage<Tid> earlierSerial(LogReads reads, Oid oid) {
        CompletionStage<Tid> newest =
                Stages.map(history(reads, oid, 1), entries -> entries.get(0).tid());
        return Stages.orElse(newest, failure -> orIfNotFound(failure, Tid.NONE));
    }

    private static <T> CompletionStage<T> orIfNotFound(StorageException failure, T value) {
        return failure instanceof ObjectNotFoundException
                ? CompletableFuture.completedFuture(value)
                : CompletableFuture.failedFuture(failure);
    }

    CompletionStage<Tid> lastTid() {
        return bounded(new LogReads(log), CompletableFuture::completedFuture);
    }

    CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return history(new LogReads(log), oid, limit);
    }

    private CompletionStage<List<HistoryEntry>> history(LogReads reads, Oid oid, int limit) {
        return bounded(
                reads,
                last -> Stages.map(
                        newest(
                                last,
                                limit,
                                HistoryEntry::tid,
                                count -> reads.after(reads.now().history(oid, count))),
                        entries -> {
                            if (entries.isEmpty() && limit > 0) {
                                throw new ObjectNotFoundException(oid);
                            }
                            return entries;
                        }));
    }

    CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        LogReads reads = new LogReads(log);
        return bounded(reads, last -> {
            int wanted = (int) Math.min(Integer.MAX_VALUE, (long) skip + limit);
            return Stages.map(
                    newest(
                            last,
                            wanted,
                            TransactionHeader::tid,
                            count -> reads.after(reads.now().undoLog(0, count))),
                    headers -> headers.stream().skip(skip).toList());
        });
    }

    /** The newest published ones of a list whose newest elements may not be. */
    private static <T> CompletionStage<List<T>> newest(
            Tid last, int wanted, Function<T, Tid> tid, Function<Integer, CompletionStage<List<T>>> ask) {
        return newest(last, wanted, wanted, tid, ask);
    }

    private static <T> CompletionStage<List<T>> newest(
            Tid last, int wanted, int asked, Function<T, Tid> tid, Function<Integer, CompletionStage<List<T>>> ask) {
        return Stages.then(ask.apply(asked), answer -> {
            List<T> seen = new ArrayList<>(Math.min(wanted, answer.size()));
            int hidden = 0;
            for (T element : answer) {
                if (tid.apply(element).isAfter(last)) {
                    hidden++;
                } else if (seen.size() < wanted) {
                    seen.add(element);
                }
            }
            boolean more = answer.size() >= asked && seen.size() < wanted && asked < Integer.MAX_VALUE;
            int next = (int) Math.min(Integer.MAX_VALUE, (long) wanted + Math.max(hidden, 8));
            return more ? newest(last, wanted, next, tid, ask) : CompletableFuture.completedFuture(seen);
        });
    }

    Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return new BoundedCursor<>(stream, log, (reads, last) -> reads.now().headers(from, earlier(to, last)));
    }

    Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return new BoundedCursor<>(stream, log, (reads, last) -> reads.now().transactions(from, earlier(to, last)));
    }

    private static Tid earlier(Tid one, Tid other) {
        return one.isAfter(other) ? other : one;
    }

    /** Objects as they are published when their batch is read; one whose deletion is on its way may be left out. */
    Cursor<CurrentRecord> currentRecords(Oid from) {
        return new BoundedCursor<>(
                stream,
                log,
                (reads, last) -> new PublishedCurrent(reads, reads.now().currentRecords(from)));
    }

    private final class PublishedCurrent implements Cursor<CurrentRecord> {
        private final LogReads reads;
        private final Cursor<CurrentRecord> below;

        PublishedCurrent(LogReads reads, Cursor<CurrentRecord> below) {
            this.reads = reads;
            this.below = below;
        }

        @Override
        public CompletionStage<List<CurrentRecord>> next(long maxBytes) {
            return Stages.then(
                    reads.after(below.next(maxBytes)),
                    batch -> Stages.then(
                            reads.after(published(reads, batch)),
                            seen -> seen.isEmpty() && !batch.isEmpty()
                                    ? next(maxBytes)
                                    : CompletableFuture.completedFuture(seen)));
        }

        @Override
        public void close() {
            below.close();
        }
    }

    private CompletionStage<List<CurrentRecord>> published(LogReads reads, List<CurrentRecord> batch) {
        return bounded(reads, last -> {
            if (batch.stream().noneMatch(current -> current.serial().isAfter(last))) {
                return CompletableFuture.completedFuture(batch);
            }
            CompletionStage<List<CurrentRecord>> seen = CompletableFuture.completedFuture(new ArrayList<>());
            for (CurrentRecord current : batch) {
                seen = Stages.then(
                        seen,
                        list -> Stages.map(reads.after(published(reads, current, last)), found -> {
                            found.ifPresent(list::add);
                            return list;
                        }));
            }
            return seen;
        });
    }

    private CompletionStage<Optional<CurrentRecord>> published(LogReads reads, CurrentRecord current, Tid last) {
        if (!current.serial().isAfter(last)) {
            return CompletableFuture.completedFuture(Optional.of(current));
        }
        CompletionStage<Optional<CurrentRecord>> earlier = Stages.map(
                loadBefore(reads, current.oid(), Tid.MAX),
                found -> found.map(revision -> new CurrentRecord(current.oid(), revision.serial(), revision.data())));
        return Stages.orElse(earlier, failure -> orIfNotFound(failure, Optional.empty()));
    }

    private <T> CompletionStage<T> bounded(LogReads reads, Function<Tid, CompletionStage<T>> ask) {
        CommitStream.Published published = stream.published();
        return published == null
                ? Stages.then(reads.after(stream.ready()), nothing -> bounded(reads, ask))
                : ask.apply(published.last());
    }
}

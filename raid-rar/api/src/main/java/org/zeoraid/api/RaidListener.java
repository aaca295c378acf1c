package org.zeoraid.api;

import java.util.List;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayStatus;

/**
 * What a message-driven bean implements to be told what becomes of an array; every method that it does not care for it can leave
 * out.
 *
 * <pre>{@code
 * @MessageDriven(activationConfig = {
 *     @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "raid-rar"),
 *     @ActivationConfigProperty(propertyName = "arrayName", propertyValue = "main")
 * })
 * public class Index implements RaidListener {
 *     public void invalidated(String array, Tid tid, List<Oid> oids) { … }
 *     public void cachesDropped(String array) { … }
 * }
 * }</pre>
 *
 * <p>One call at a time, in the order of the tids, some time after the transactions were acknowledged; who looks into the array then
 * may see later ones too. A call that ends with an exception, or whose transaction cannot be committed, is repeated after a pause,
 * and what comes after it waits. What would have to wait too long, or was missed, is replaced by {@link #cachesDropped}, which is
 * also the first thing that a listener hears: between two of these calls nothing is left out. Nothing is kept over a restart of the
 * server.
 */
public interface RaidListener {
    /** Anything may have changed: whatever the bean keeps of the array's objects is to be thrown away, or compared. */
    default void cachesDropped(String array) {}

    /**
     * A transaction was committed, by whomever: an application, a ZEO client, an admin's undo.
     *
     * @param oids all objects that it wrote, deleted ones too
     */
    default void invalidated(String array, Tid tid, List<Oid> oids) {}

    /**
     * The array or one of its members is in another state than it was when this was called last. The first call tells how it was
     * found; of changes that follow each other quickly only the last is told.
     */
    default void stateChanged(ArrayStatus status) {}
}

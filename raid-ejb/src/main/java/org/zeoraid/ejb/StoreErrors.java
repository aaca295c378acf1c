package org.zeoraid.ejb;

import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.InvocationContext;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.StorageException;

/**
 * Turns the storage's errors into application exceptions. Without it the container would wrap each, throw the bean's
 * instance away, and roll back where an object was merely not found.
 */
public class StoreErrors {

    @AroundInvoke
    Object translate(InvocationContext call) throws Exception {
        try {
            return call.proceed();
        } catch (ObjectNotFoundException e) {
            throw new NoSuchStoredObjectException(e);
        } catch (StorageException e) {
            throw new StoreException(e);
        }
    }
}

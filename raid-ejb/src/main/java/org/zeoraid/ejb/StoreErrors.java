package org.zeoraid.ejb;

import jakarta.ejb.EJBException;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.InvocationContext;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.StorageException;

/**
 * Turns the storage's errors into application exceptions. Without it the container would wrap each, throw the bean's
 * instance away, and roll back where an object was merely not found. What the container has wrapped already is an error of a bean
 * of the application's own that was called from here, and has used a connection.
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
        } catch (EJBException e) {
            throw wrapped(e).<RuntimeException>map(StoreException::new).orElse(e);
        }
    }

    private static Optional<StorageException> wrapped(EJBException error) {
        return Stream.<Throwable>iterate(error, Objects::nonNull, Throwable::getCause)
                .filter(StorageException.class::isInstance)
                .map(StorageException.class::cast)
                .findFirst();
    }
}

package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ejb.EJBException;
import jakarta.ejb.EJBTransactionRolledbackException;
import jakarta.interceptor.InvocationContext;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;

class StoreErrorsTest {

    @Test
    void errorsOfTheStorageAreApplicationExceptions() {
        assertThatThrownBy(() -> translated(new ConflictException("mine")))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThatIsConflict(e, "mine"));
        assertThatThrownBy(() -> translated(new ObjectNotFoundException(Oid.ROOT)))
                .isInstanceOf(NoSuchStoredObjectException.class);
    }

    @Test
    void aConflictOfABeanThatWasCalledIsOneHoweverOftenItIsWrapped() {
        EJBException once = new EJBException(new ConflictException("the bean's"));
        EJBException twice = new EJBTransactionRolledbackException("rolled back", once);

        assertThatThrownBy(() -> translated(once))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThatIsConflict(e, "the bean's"));
        assertThatThrownBy(() -> translated(twice))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThatIsConflict(e, "the bean's"));
    }

    @Test
    void everythingElseStaysAsItIs() {
        EJBException others = new EJBException(new IllegalStateException("the application's"));

        assertThatThrownBy(() -> translated(others)).isSameAs(others);
    }

    private static void assertThatIsConflict(StoreException error, String message) {
        assertThat(error.isConflict()).isTrue();
        assertThat(error).hasMessage(message);
    }

    private static Object translated(Exception thrown) throws Exception {
        InvocationContext call = (InvocationContext) Proxy.newProxyInstance(
                StoreErrorsTest.class.getClassLoader(),
                new Class<?>[] {InvocationContext.class},
                (proxy, method, args) -> {
                    throw thrown;
                });
        return new StoreErrors().translate(call);
    }
}

package org.zeoraid.zeo.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.zeoraid.storage.Storage;

/** A storage, or what it gives, with something of a test's in between. */
final class Intercepted {

    /** What is done instead of a call. */
    @FunctionalInterface
    interface Interceptor {
        /** @param proceed the call itself */
        Object call(String method, Object[] arguments, Call proceed) throws Throwable;
    }

    /** A call. */
    @FunctionalInterface
    interface Call {
        Object go() throws Throwable;
    }

    private Intercepted() {}

    static Storage storage(Storage real, Interceptor interceptor) {
        return of(Storage.class, real, interceptor);
    }

    static <T> T of(Class<T> type, T real, Interceptor interceptor) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> interceptor.call(method.getName(), arguments, () -> {
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}

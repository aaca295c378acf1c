package org.zeoraid.ejb;

import jakarta.annotation.Resource;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptors;
import java.util.concurrent.Callable;
import org.zeoraid.api.RaidConnection;

/** Runs work in a container-managed transaction of its own, which any exception rolls back. */
@Stateless
@Interceptors(StoreErrors.class)
@TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
public class NewTransaction {

    @Resource
    SessionContext context;

    @Inject
    ArrayAccess arrays;

    /** The container's own report of a commit that failed does not say why; so the array is asked before it. */
    public <T> T run(Callable<T> work) throws Exception {
        try {
            T result = work.call();
            try (RaidConnection connection = arrays.connect()) {
                connection.vote();
            }
            return result;
        } catch (Exception e) {
            context.setRollbackOnly();
            throw e;
        }
    }
}

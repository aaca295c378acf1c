package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.pickle.BlobRecords;

class ObjectStoreTest {

    private final List<String> calls = new ArrayList<>();
    private byte[] stored = {};

    @Test
    void aBlobsRecordIsOneThatMembersKnow() {
        store().storeBlob(new Oid(1), new ByteArrayInputStream(new byte[3]));

        assertThat(BlobRecords.isBlob(stored)).isTrue();
    }

    @Test
    void everyConnectionIsGivenBack() {
        store().newOid();
        assertThat(store().find(new Oid(1))).isEmpty();

        assertThat(calls).containsExactly("newOid", "close", "load", "close");
    }

    private ObjectStore store() {
        ClassLoader loader = ObjectStoreTest.class.getClassLoader();
        RaidConnection connection = (RaidConnection)
                Proxy.newProxyInstance(loader, new Class<?>[] {RaidConnection.class}, (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    switch (method.getName()) {
                        case "load":
                            throw new ObjectNotFoundException((Oid) arguments[0]);
                        case "storeBlob":
                            stored = (byte[]) arguments[1];
                            return null;
                        case "newOid":
                            return new Oid(5);
                        default:
                            return null;
                    }
                });
        RaidConnectionFactory factory = (RaidConnectionFactory) Proxy.newProxyInstance(
                loader, new Class<?>[] {RaidConnectionFactory.class}, (proxy, method, arguments) -> connection);
        ObjectStore store = new ObjectStore();
        store.arrays = new ArrayAccess(name -> factory) {
            @Override
            public RaidConnection connect() {
                return connect("raid/main");
            }
        };
        return store;
    }
}

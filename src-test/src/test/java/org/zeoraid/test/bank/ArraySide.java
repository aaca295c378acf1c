package org.zeoraid.test.bank;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** An array's side: an object for each account and each client. */
final class ArraySide implements Side {
    private final RaidConnection connection;
    private final long firstOid;

    ArraySide(String array, long firstOid) {
        try {
            RaidConnectionFactory factory = InitialContext.doLookup("raid/" + array);
            this.connection = factory.getConnection();
        } catch (NamingException e) {
            throw new IllegalStateException("no array " + array + " in JNDI", e);
        }
        this.firstOid = firstOid;
    }

    private Oid account(int number) {
        return new Oid(firstOid + number);
    }

    private Oid client(int number) {
        return new Oid(firstOid + Bank.ACCOUNTS + number);
    }

    @Override
    public void open(long balance) {
        for (int i = 0; i < Bank.ACCOUNTS; i++) {
            connection.store(account(i), Tid.NONE, bytes(balance));
        }
        for (int i = 0; i < Bank.CLIENTS; i++) {
            connection.store(client(i), Tid.NONE, bytes(0));
        }
    }

    @Override
    public void move(int account, long amount, int client, long number) {
        long last = load(client(client));
        if (last != number - 1) {
            throw new IllegalStateException("the array's last transfer of client " + client + " is " + last);
        }
        connection.store(client(client), bytes(number));
        connection.store(account(account), bytes(load(account(account)) + amount));
    }

    @Override
    public Books books() {
        long sum = 0;
        for (int i = 0; i < Bank.ACCOUNTS; i++) {
            sum += loadCurrent(account(i));
        }
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < Bank.CLIENTS; i++) {
            numbers.add(loadCurrent(client(i)));
        }
        return new Books(sum, numbers);
    }

    private long loadCurrent(Oid oid) {
        long value = load(oid);
        connection.checkCurrent(oid);
        return value;
    }

    private long load(Oid oid) {
        return ByteBuffer.wrap(connection.load(oid).data()).getLong();
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    @Override
    public void vote() {
        connection.vote();
    }

    @Override
    public void close() {
        connection.close();
    }
}

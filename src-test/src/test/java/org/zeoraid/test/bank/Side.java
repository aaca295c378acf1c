package org.zeoraid.test.bank;

import java.util.List;

/**
 * One side of a bank, as a transaction sees it: {@value Bank#ACCOUNTS} accounts, and for each of {@value Bank#CLIENTS} clients the
 * number of its last transfer.
 */
interface Side extends AutoCloseable {

    /** What a side has, once nobody works with it: the accounts together, and the number of each client. */
    record Books(long sum, List<Long> numbers) {}

    /** Sets up the accounts, with so much in each, and the clients, which have done nothing yet. */
    void open(long balance);

    /**
     * Changes an account, and notes that this was the client's transfer with this number.
     *
     * @throws IllegalStateException if its transfer before is not here
     */
    void move(int account, long amount, int client, long number);

    /** What is here; it stays so until the transaction has ended on all sides. */
    Books books();

    /** Looks for conflicts; nothing comes after it. */
    void vote();

    @Override
    void close();
}

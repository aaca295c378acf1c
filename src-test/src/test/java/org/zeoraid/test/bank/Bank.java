package org.zeoraid.test.bank;

import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.zeoraid.test.bank.Side.Books;

/**
 * Two sides with money, {@code main} and another: {@code database}, or an array. Each method is one transaction over both; the
 * sum of all accounts never changes.
 */
@Stateless
@TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
public class Bank {
    public static final int ACCOUNTS = 16;
    public static final int CLIENTS = 8;

    /** Each pair has accounts of its own. */
    private static final ToLongFunction<List<String>> FIRST_OID = sides -> sides.contains("database") ? 0x1000 : 0x2000;

    private static Side side(String name, List<String> sides) {
        return name.equals("database") ? new DatabaseSide() : new ArraySide(name, FIRST_OID.applyAsLong(sides));
    }

    public void open(List<String> sides, long balance) {
        for (String name : sides) {
            try (Side side = side(name, sides)) {
                side.open(balance);
            }
        }
    }

    /**
     * From an account on the first side to one on the second; they take part in the transaction in this order.
     *
     * @param number of the transfer, among the client's
     */
    public void transfer(List<String> sides, int from, int to, long amount, int client, long number) {
        try (Side first = side(sides.get(0), sides);
                Side second = side(sides.get(1), sides)) {
            first.move(from, -amount, client, number);
            second.move(to, amount, client, number);
            // Everybody in the same order: a vote takes locks.
            boolean inOrder = sides.get(0).compareTo(sides.get(1)) < 0;
            (inOrder ? first : second).vote();
            (inOrder ? second : first).vote();
        }
    }

    /** What both sides have at one moment. */
    public Map<String, Books> audit(List<String> sides) {
        List<String> inOrder = sides.stream().sorted().toList();
        try (Side first = side(inOrder.get(0), sides);
                Side second = side(inOrder.get(1), sides)) {
            Map<String, Books> books = new TreeMap<>();
            books.put(inOrder.get(0), first.books());
            books.put(inOrder.get(1), second.books());
            first.vote();
            second.vote();
            return books;
        }
    }
}

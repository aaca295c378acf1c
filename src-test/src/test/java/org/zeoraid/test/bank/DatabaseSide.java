package org.zeoraid.test.bank;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** A database's side: a row for each account and each client. */
final class DatabaseSide implements Side {
    private final Connection connection;

    DatabaseSide() {
        try {
            DataSource database = InitialContext.doLookup("jdbc/bank");
            this.connection = database.getConnection();
        } catch (NamingException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void open(long balance) {
        execute("CREATE TABLE accounts(id INT PRIMARY KEY, balance BIGINT NOT NULL)");
        execute("CREATE TABLE clients(id INT PRIMARY KEY, number BIGINT NOT NULL)");
        for (int i = 0; i < Bank.ACCOUNTS; i++) {
            update("INSERT INTO accounts VALUES(?, ?)", i, balance);
        }
        for (int i = 0; i < Bank.CLIENTS; i++) {
            update("INSERT INTO clients VALUES(?, ?)", i, 0);
        }
    }

    @Override
    public void move(int account, long amount, int client, long number) {
        update("UPDATE accounts SET balance = balance + ? WHERE id = ?", amount, account);
        update("UPDATE clients SET number = number + 1 WHERE id = ? AND number = ?", client, number - 1);
    }

    @Override
    public Books books() {
        // Waits for transactions that have changed something and have not ended here, and holds up others.
        execute("LOCK TABLE accounts, clients IN EXCLUSIVE MODE");
        return new Books(
                query("SELECT SUM(balance) FROM accounts").get(0), query("SELECT number FROM clients ORDER BY id"));
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private void update(String sql, long first, long second) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, first);
            statement.setLong(2, second);
            if (statement.executeUpdate() != 1) {
                throw new IllegalStateException("not there: " + sql + " with " + first + ", " + second);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private List<Long> query(String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<Long> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getLong(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void vote() {}

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}

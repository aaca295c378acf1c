package org.zeoraid.test.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.bank.Bank;

/**
 * The bank in a server; see {@link org.zeoraid.test.bank.BankServlet}.
 *
 * @param sides the two, with a comma; they take part in transactions in this order
 */
record RemoteBank(PayaraMicro server, String sides) {
    private static final long BALANCE = 1_000_000;
    private static final long SUM = 2 * Bank.ACCOUNTS * BALANCE;
    static final int CONFLICT = 409;

    HttpResponse<String> post(String what, String more) {
        return server.post("/bank/" + what + "?sides=" + sides + more);
    }

    void open() {
        HttpResponse<String> answer = post("open", "&balance=" + BALANCE);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /**
     * Adds up both sides, and finds the right sum, and the same transfers on both.
     *
     * @return the number of each client's last transfer; empty if the audit met a conflict
     */
    Optional<List<Long>> audit() {
        HttpResponse<String> answer = post("audit", "");
        if (answer.statusCode() == CONFLICT) {
            return Optional.empty();
        }
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        List<List<Long>> books = answer.body()
                .lines()
                .map(line -> Stream.of(line.split(" ")).map(Long::valueOf).toList())
                .toList();
        List<Long> first = books.get(0);
        List<Long> second = books.get(1);
        assertThat(first.get(0) + second.get(0)).as(answer.body()).isEqualTo(SUM);
        List<Long> numbers = first.subList(1, first.size());
        assertThat(second.subList(1, second.size())).as(answer.body()).isEqualTo(numbers);
        return Optional.of(numbers);
    }
}

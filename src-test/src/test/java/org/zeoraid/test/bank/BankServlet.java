package org.zeoraid.test.bank;

import jakarta.ejb.EJB;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.test.bank.Side.Books;

/**
 * Drives the bank by HTTP. 200 once a transaction has been committed, 409 for a conflict, 500 with all exceptions otherwise.
 *
 * <pre>
 * POST open?sides=main,database&amp;balance=1000
 * POST transfer?sides=main,database&amp;from=1&amp;to=2&amp;amount=3&amp;client=4&amp;number=5
 * POST audit?sides=main,database     a line for each side: "SUM NUMBER NUMBER …"
 * </pre>
 */
@WebServlet("/*")
public class BankServlet extends HttpServlet {
    @EJB
    private Bank bank;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=UTF-8");
        List<String> sides = List.of(request.getParameter("sides").split(","));
        try {
            switch (request.getPathInfo()) {
                case "/open" -> bank.open(sides, number(request, "balance"));
                case "/transfer" ->
                    bank.transfer(
                            sides,
                            (int) number(request, "from"),
                            (int) number(request, "to"),
                            number(request, "amount"),
                            (int) number(request, "client"),
                            number(request, "number"));
                case "/audit" -> response.getWriter().write(lines(bank.audit(sides)));
                default -> response.setStatus(404);
            }
        } catch (RuntimeException e) {
            List<Throwable> causes = Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                    .toList();
            response.setStatus(causes.stream().anyMatch(ConflictException.class::isInstance) ? 409 : 500);
            response.getWriter().write(causes.stream().map(Throwable::toString).collect(Collectors.joining("\n")));
        }
    }

    private static long number(HttpServletRequest request, String name) {
        return Long.parseLong(request.getParameter(name));
    }

    private static String lines(Map<String, Books> sides) {
        return sides.values().stream()
                .map(books -> Stream.concat(Stream.of(books.sum()), books.numbers().stream())
                        .map(String::valueOf)
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n"));
    }
}

package org.zeoraid.test.beans;

import jakarta.ejb.EJB;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** {@code POST shelf?do=…&name=…&text=…}: 200 and the answer, or 500 and the name of the exception. */
@WebServlet("/shelf")
public class ShelfServlet extends HttpServlet {

    @EJB
    Shelf shelf;

    @EJB
    Shelf.Counter counter;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String name = String.valueOf(request.getParameter("name"));
        String text = String.valueOf(request.getParameter("text"));
        response.setContentType("text/plain;charset=UTF-8");
        try {
            String answer =
                    switch (String.valueOf(request.getParameter("do"))) {
                        case "put" -> shelf.put(name, text);
                        case "putAndFail" -> shelf.putAndFail(name, text);
                        case "putAfterLookingInVain" -> shelf.putAfterLookingInVain(name, text);
                        case "get" -> shelf.get(name);
                        case "increment" -> counter.increment(name);
                        case "incrementByConnection" -> counter.incrementByConnection(name);
                        case "putBlob" -> shelf.putBlob(name, text);
                        case "getBlob" -> shelf.getBlob(name);
                        case "undo" -> shelf.undo(name);
                        case "list" -> shelf.list(name);
                        default -> throw new IllegalArgumentException("do what?");
                    };
            response.getWriter().write(answer);
        } catch (RuntimeException e) {
            response.setStatus(500);
            response.getWriter().write(e.toString());
        }
    }
}

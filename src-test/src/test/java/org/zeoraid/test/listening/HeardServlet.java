package org.zeoraid.test.listening;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** GET: what the bean has heard, a line each. POST: its next call fails. */
@WebServlet("/heard")
public class HeardServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter().print(String.join("\n", Ear.HEARD));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) {
        Ear.FAILS.set(true);
    }
}

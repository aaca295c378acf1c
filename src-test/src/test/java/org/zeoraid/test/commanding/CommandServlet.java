package org.zeoraid.test.commanding;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Arrays;

/** {@code POST /commanding/command} with a command in its body, as command files have them: 200, or 500, and what the server says. */
@WebServlet("/command")
public class CommandServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String[] words = request.getReader().readLine().split(" ");
        try {
            Object result = run(words[0], Arrays.copyOfRange(words, 1, words.length));
            String status = String.valueOf(call(result, "getExitStatus"));
            response.setStatus(status.equals("SUCCESS") || status.equals("WARNING") ? 200 : 500);
            response.getWriter()
                    .println(status + " " + call(result, "getOutput") + " " + call(result, "getFailureCause"));
        } catch (ReflectiveOperationException e) {
            throw new IOException(e);
        }
    }

    /** The server's classes are not there to be compiled with. */
    private static Object run(String command, String... arguments) throws ReflectiveOperationException {
        Object services = Class.forName("org.glassfish.internal.api.Globals")
                .getMethod("getDefaultHabitat")
                .invoke(null);
        Class<?> type = Class.forName("org.glassfish.embeddable.CommandRunner");
        Object runner = Class.forName("org.glassfish.hk2.api.ServiceLocator")
                .getMethod("getService", Class.class, Annotation[].class)
                .invoke(services, type, new Annotation[0]);
        return type.getMethod("run", String.class, String[].class).invoke(runner, command, arguments);
    }

    private static Object call(Object target, String getter) throws ReflectiveOperationException {
        Method method = Class.forName("org.glassfish.embeddable.CommandResult").getMethod(getter);
        return method.invoke(target);
    }
}

package org.zeoraid.web.page;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.zeoraid.ejb.ArrayControl;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.web.action.Decision;
import org.zeoraid.web.action.Order;
import org.zeoraid.web.api.Problem;

/** Asks before a branch is decided ({@code GET}), and has it decided ({@code POST}): {@code /branch/ARRAY/XID/DECISION}. */
@WebServlet("/branch/*")
public class BranchServlet extends HttpServlet {

    private static final String NOTHING_HERE = "There is no such array or decision.";

    @Inject
    ArrayControl control;

    private record Target(ArrayStatus array, BranchId branch, Decision decision) {}

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<Target> target = target(request);
        Viewer viewer = Look.viewer(request);
        if (target.isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, NOTHING_HERE);
            return;
        }
        if (!viewer.mayAct()) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "You may only look.");
            return;
        }
        Optional<PreparedBranch> branch = control.branches(target.get().array().name()).orElse(List.of()).stream()
                .filter(found -> found.id().equals(target.get().branch()))
                .findAny();
        if (branch.isEmpty()) {
            response.sendError(
                    HttpServletResponse.SC_NOT_FOUND,
                    "The branch is not there any more: its transaction manager has decided, or an admin had it"
                            + " forgotten. The events say more.");
            return;
        }
        DecisionPage page = new DecisionPage(
                viewer, target.get().array(), branch.get(), target.get().decision(), Instant.now());
        Look.send(response, request.getHeader("X-Raid-Page") == null ? page.page() : page.part());
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<Target> target = target(request);
        if (target.isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, NOTHING_HERE);
            return;
        }
        StatusServlet.leave(request, carryOut(target.get()));
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", request.getContextPath() + "/");
    }

    private Notice carryOut(Target target) {
        String what = "Branch " + target.branch();
        try {
            Order.Progress progress =
                    target.decision().give(control, target.array().name(), target.branch());
            return new Notice(
                    what + (progress == Order.Progress.DONE ? " is " : " is being ")
                            + target.decision().done() + ".",
                    true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Notice(what + ": the server is shutting down.", false);
        } catch (RuntimeException e) {
            Problem problem = Problem.of(e);
            return new Notice(what + " is not " + target.decision().done() + ": " + problem.detail(), false);
        }
    }

    private Optional<Target> target(HttpServletRequest request) {
        List<String> path = Look.path(request);
        if (path.size() != 3) {
            return Optional.empty();
        }
        Optional<Decision> decision = Decision.of(path.get(2));
        Optional<ArrayStatus> array = control.status(path.get(0));
        if (decision.isEmpty() || array.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Target(array.get(), BranchId.parse(path.get(1)), decision.get()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

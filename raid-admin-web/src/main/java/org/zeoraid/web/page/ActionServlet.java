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
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.web.action.Action;
import org.zeoraid.web.action.Order;
import org.zeoraid.web.action.PackWish;
import org.zeoraid.web.api.Problem;

/** Asks before something is done ({@code GET}), and has it done ({@code POST}): {@code /do/ARRAY[/MEMBER]/ACTION}. */
@WebServlet("/do/*")
public class ActionServlet extends HttpServlet {

    @Inject
    ArrayControl control;

    private record Target(ArrayStatus array, Optional<MemberStatus> member, Action action) {}

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<Target> target = target(request);
        Viewer viewer = Look.viewer(request);
        if (target.isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, "There is no such array, member or action.");
        } else if (!viewer.mayAct()) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "You may only look.");
        } else {
            ConfirmPage page = new ConfirmPage(
                    viewer,
                    target.get().array(),
                    target.get().member(),
                    target.get().action());
            Look.send(response, request.getHeader("X-Raid-Page") == null ? page.page() : page.part());
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<Target> target = target(request);
        if (target.isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, "There is no such array, member or action.");
            return;
        }
        StatusServlet.leave(request, carryOut(request, target.get()));
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", request.getContextPath() + "/");
    }

    private Notice carryOut(HttpServletRequest request, Target target) {
        String what = target.action().label() + " "
                + target.member().map(MemberStatus::name).orElse(target.array().name());
        try {
            Order.Progress progress = order(request, target).give(control);
            return new Notice(what + (progress == Order.Progress.DONE ? ": done." : ": under way."), true);
        } catch (IllegalArgumentException e) {
            return new Notice(what + " was not begun: " + e.getMessage() + ".", false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Notice(what + ": the server is shutting down.", false);
        } catch (RuntimeException e) {
            Problem problem = Problem.of(e);
            return new Notice(what + " was refused: " + problem.detail(), false);
        }
    }

    private static Order order(HttpServletRequest request, Target target) {
        Optional<PackRequest> pack = Optional.empty();
        long bytesPerSecond = 0;
        if (target.action() == Action.PACK) {
            PackRequest.Garbage garbage =
                    request.getParameter("garbage") == null ? PackRequest.Garbage.KEEP : PackRequest.Garbage.COLLECT;
            double days = Typed.number(request.getParameter("days"))
                    .orElseThrow(() -> new IllegalArgumentException("say how many days of history to keep"));
            pack = Optional.of(PackWish.keepingDays(days, garbage, Instant.now()));
        } else if (target.action() == Action.THROTTLE) {
            double megabytes = Typed.number(request.getParameter("megabytes")).orElse(0);
            if (megabytes < 0) {
                throw new IllegalArgumentException("a bound is not negative; leave it empty for none");
            }
            bytesPerSecond = (long) (megabytes * 1e6);
        } else if (target.action() == Action.ASSEMBLE
                && !target.array()
                        .name()
                        .equals(Optional.ofNullable(request.getParameter("name"))
                                .orElse("")
                                .strip())) {
            throw new IllegalArgumentException("the name that was typed is not the array's");
        }
        return new Order(
                target.array().name(), target.member().map(MemberStatus::name), target.action(), bytesPerSecond, pack);
    }

    private Optional<Target> target(HttpServletRequest request) {
        List<String> path = Look.path(request);
        if (path.size() < 2 || path.size() > 3) {
            return Optional.empty();
        }
        boolean isMember = path.size() == 3;
        Optional<Action> action =
                Action.of(isMember ? Action.Scope.MEMBER : Action.Scope.ARRAY, path.get(path.size() - 1));
        Optional<ArrayStatus> array = control.status(path.get(0));
        if (action.isEmpty() || array.isEmpty()) {
            return Optional.empty();
        }
        Optional<MemberStatus> member = isMember
                ? array.get().members().stream()
                        .filter(found -> found.name().equals(path.get(1)))
                        .findAny()
                : Optional.empty();
        return isMember && member.isEmpty()
                ? Optional.empty()
                : Optional.of(new Target(array.get(), member, action.get()));
    }
}

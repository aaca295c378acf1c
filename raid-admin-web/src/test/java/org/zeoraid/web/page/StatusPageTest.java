package org.zeoraid.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.web.Scenes;
import org.zeoraid.web.action.Action;
import org.zeoraid.web.action.Decision;

class StatusPageTest {

    private static final Viewer ADMIN = new Viewer("/raid", "admin", true, "tok\"en");
    private static final Viewer MONITOR = new Viewer("/raid", "monitor", false, "token");

    @Test
    void saysAtOnceThatAllIsWell() {
        assertThat(page(ADMIN, Scenes.whole()))
                .contains("<h1 id=\"verdict\">All is well</h1>", "<title>All is well · ZEORaid</title>")
                .doesNotContain("What to do");
    }

    @Test
    void saysAtOnceWhatIsBrokenAndWhatToDo() {
        assertThat(page(ADMIN, Scenes.degraded()))
                .contains(
                        "In service, not at full strength",
                        "works with 2 of 3 members",
                        "What to do",
                        "<b>Member b</b>",
                        "action=\"/raid/do/main/b/recover\"");
    }

    @Test
    void saysOnceWhyAMemberIsOut() {
        ArrayStatus array = Scenes.array(
                ArrayState.DEGRADED,
                "member b is degraded: its connection is lost",
                Scenes.optimal("a"),
                Scenes.member("b", MemberState.DEGRADED, "its connection is lost"));

        assertThat(page(ADMIN, array)).containsOnlyOnce("its connection is lost");
    }

    @Test
    void saysWhenTheServiceIsDownAndWhatItWaitsFor() {
        assertThat(page(ADMIN, Scenes.failed()))
                .contains("Out of service", "Bring back what it waits for: b, c", "href=\"/raid/do/main/assemble\"")
                .doesNotContain("/recover", "/pack");
    }

    @Test
    void doesNotAskForMembersThatOnlyWaitForOthers() {
        ArrayStatus assembling = Scenes.array(
                ArrayState.FAILED,
                "waits for b",
                Scenes.member("a", MemberState.WAITING, "the array is being assembled"),
                Scenes.member("b", MemberState.WAITING, "the array is being assembled"));

        assertThat(page(ADMIN, assembling)).contains("Bring back what its reason says it waits for.");
    }

    @Test
    void warnsOfTheLastMember() {
        ArrayStatus array = Scenes.array(
                ArrayState.DEGRADED, "", Scenes.optimal("a"), Scenes.member("b", MemberState.DISABLED, "x"));

        assertThat(page(ADMIN, array)).contains("In service, on the last member", "If that one fails too, it is down");
    }

    @Test
    void letsNobodyStayUpForARecovery() {
        assertThat(page(ADMIN, Scenes.recovering()))
                .contains("b is catching up, about 3 s left: nothing to do there.")
                .contains("<progress max=\"100\"", "value=\"64\"", "640 of 1,000 transactions")
                .doesNotContain("What to do");
    }

    @Test
    void whoMayOnlyLookSeesEverythingAndNoButtons() {
        for (ArrayStatus array : List.of(Scenes.whole(), Scenes.degraded(), Scenes.recovering(), Scenes.failed())) {
            assertThat(page(MONITOR, array))
                    .contains("member-main-b", "reading only")
                    .doesNotContain("/do/", "class=\"button");
        }
    }

    @ParameterizedTest
    @EnumSource(MemberState.class)
    void everyStateHasAWordAndAShapeOfItsOwn(MemberState state) {
        String page = page(
                ADMIN, Scenes.array(ArrayState.DEGRADED, "", Scenes.optimal("x"), Scenes.member("a", state, "why")));

        assertThat(page)
                .containsPattern("<svg class=\"shape is-" + state.word() + "\"[^>]*><[^>]+>.*?</svg><span>"
                        + state.word() + "</span>");
    }

    @Test
    void nothingFromOutsideIsTakenForMarkup() {
        ArrayStatus array = Scenes.array(
                ArrayState.FAILED,
                "<script>alert(1)</script>",
                Scenes.optimal("a\"><img>"),
                Scenes.member("b", MemberState.DEGRADED, "'<b>&"));

        String page = page(ADMIN, array);

        assertThat(page)
                .doesNotContain("<script>alert", "<img>", "'<b>&")
                .contains("&lt;script&gt;", "&#39;&lt;b&gt;&amp;", "1,000 transactions &lt;are&gt; missing");
        assertThat(page).contains("value=\"tok&quot;en\"");
    }

    @Test
    void thereIsNoInlineScriptOrStyleForAStrictPolicy() {
        String page = page(ADMIN, Scenes.degraded());

        assertThat(page)
                .doesNotContainPattern("<script(?! src=)")
                .doesNotContain("<style", " style=", " onclick=", "javascript:");
    }

    @Test
    void saysWhatCannotBeAsked() {
        assertThat(new StatusPage(ADMIN, Scenes.NOW).unreachable("no adapter"))
                .contains("Out of service", "no adapter");
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void everyQuestionBringsTheTokenBack(Action action) {
        ArrayStatus array = Scenes.degraded();
        boolean ofMember = action.scope() == Action.Scope.MEMBER;
        ConfirmPage question = new ConfirmPage(
                ADMIN, array, ofMember ? Optional.of(array.members().get(1)) : Optional.empty(), action);

        assertThat(question.page())
                .contains(question.part())
                .contains("method=\"post\"", "name=\"token\"", ofMember ? "/do/main/b/" : "/do/main/" + action.word());
    }

    @Test
    void disablingTheSecondLastWarns() {
        ArrayStatus array = Scenes.degraded();

        assertThat(new ConfirmPage(ADMIN, array, Optional.of(array.members().get(0)), Action.DISABLE).part())
                .contains("1 optimal member.", "That is the last one");
    }

    @Test
    void branchesThatWaitAreShownWithEverythingThatIsKnown() {
        PreparedBranch abandoned = Scenes.branches().get(0);
        String url = "href=\"/raid/branch/main/" + abandoned.id();

        assertThat(page(ADMIN, Scenes.whole(), List.of(abandoned)))
                .contains("Transaction branches", "shop,server,P100", "3 objects, 12.3 KB", "2 h ago")
                .contains(abandoned.id().toString(), url + "/commit\"", url + "/rollback\"")
                .contains("In service, with a transaction in doubt", "What to do", "waits for its transaction manager")
                .doesNotContain(url + "/forget");
        assertThat(page(ADMIN, Scenes.whole())).doesNotContain("in doubt");
    }

    @Test
    void whatAnAdminDecidedCanOnlyBeForgotten() {
        PreparedBranch decided = Scenes.branches().get(1);

        assertThat(page(ADMIN, Scenes.whole(), List.of(decided)))
                .contains("committed by an admin", "/" + decided.id() + "/forget\"")
                .doesNotContain("/commit\"", "/rollback\"", "What to do");
    }

    @Test
    void branchesOfThisMomentDoNotFlicker() {
        PreparedBranch moment = Scenes.branches().get(2);

        assertThat(page(ADMIN, Scenes.whole(), List.of(moment))).doesNotContain("web,server", "in doubt", "What to do");
    }

    @Test
    void whoMayOnlyLookSeesBranchesAndCannotDecide() {
        assertThat(page(MONITOR, Scenes.whole(), Scenes.branches()))
                .contains("shop,server,P100", "payroll,server,P7")
                .doesNotContain("/branch/", "class=\"button");
    }

    @ParameterizedTest
    @EnumSource(Decision.class)
    void everyDecisionIsAskedAboutWithTheToken(Decision decision) {
        PreparedBranch branch = Scenes.branches().get(decision == Decision.FORGET ? 1 : 0);
        DecisionPage question = new DecisionPage(ADMIN, Scenes.whole(), branch, decision, Scenes.NOW);

        assertThat(question.page())
                .contains(question.part())
                .contains("method=\"post\"", "name=\"token\"", branch.id().words(), "class=\"warning\"")
                .contains("action=\"/raid/branch/main/" + branch.id() + "/" + decision.word() + "\"");
    }

    @Test
    void aNodesNameIsNotTakenForMarkup() {
        PreparedBranch hostile = Scenes.branch(
                "x<script>alert(1)</script>x", PreparedBranch.State.IN_DOUBT, java.time.Duration.ofHours(1));

        assertThat(page(ADMIN, Scenes.whole(), List.of(hostile)))
                .contains("&lt;script&gt;")
                .doesNotContain("<script>alert");
    }

    @Test
    void figuresAreSaidAsPeopleSayThem() {
        assertThat(Words.bytes(999)).isEqualTo("999 bytes");
        assertThat(Words.bytes(1_234_000)).isEqualTo("1.2 MB");
        assertThat(Words.bytes(3_400_000_000.0)).isEqualTo("3.4 GB");
        assertThat(Words.progress(Scenes.pausedRebuild())).isEqualTo("1.2 GB of 3.4 GB · bounded to 8.0 MB/s");
        assertThat(Words.amount(Scenes.copying(), 1000)).isEqualTo("1,000 transactions");
        assertThat(Words.amount(Scenes.copying(), 1)).isEqualTo("1 transaction");
        assertThat(Words.percent(Scenes.pausedRebuild())).isEqualTo(35);
        assertThat(Words.duration(java.time.Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
        assertThat(Words.ago(Scenes.NOW.minusSeconds(90), Scenes.NOW)).isEqualTo("2 min ago");
    }

    private static String page(Viewer viewer, ArrayStatus array) {
        return page(viewer, array, List.of());
    }

    private static String page(Viewer viewer, ArrayStatus array, List<PreparedBranch> branches) {
        return new StatusPage(viewer, Scenes.NOW)
                .page(List.of(new ArrayPicture(array, Scenes.events(), branches)), Optional.empty());
    }
}

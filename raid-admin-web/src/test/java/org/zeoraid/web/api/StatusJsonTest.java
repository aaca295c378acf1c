package org.zeoraid.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.web.Scenes;

/** The shape that scripts and other programs count on. */
class StatusJsonTest {

    @Test
    void anArrayHasTheseFields() {
        JsonObject array = StatusJson.array(Scenes.degraded());

        assertThat(array.keySet())
                .containsExactly(
                        "name",
                        "state",
                        "reason",
                        "readOnly",
                        "lastTid",
                        "lastTime",
                        "generation",
                        "operation",
                        "members",
                        "actions");
        assertThat(array.getString("name")).isEqualTo("main");
        assertThat(array.getString("state")).isEqualTo("degraded");
        assertThat(array.getString("lastTid")).isEqualTo(Scenes.LAST.toString());
        assertThat(array.getInt("generation")).isEqualTo(7);
        assertThat(array.get("operation")).isEqualTo(JsonValue.NULL);
        assertThat(words(array)).containsExactly("pack", "reload");
    }

    @Test
    void aMemberHasTheseFields() {
        JsonObject member =
                StatusJson.array(Scenes.degraded()).getJsonArray("members").getJsonObject(1);

        assertThat(member.keySet())
                .containsExactly(
                        "name",
                        "kind",
                        "location",
                        "state",
                        "reason",
                        "since",
                        "lastTid",
                        "lastTime",
                        "operation",
                        "actions");
        assertThat(member.getString("state")).isEqualTo("degraded");
        assertThat(member.getString("reason")).contains("Input/output error");
        assertThat(member.getString("since")).isEqualTo("2026-11-23T03:16:00Z");
        assertThat(words(member)).containsExactly("recover", "disable", "rebuild");
    }

    @Test
    void everyStateHasItsWord() {
        for (MemberState state : MemberState.values()) {
            ArrayStatus array = Scenes.array(ArrayState.FAILED, "", Scenes.member("a", state, ""));

            assertThat(StatusJson.member(array, array.members().get(0)).getString("state"))
                    .isEqualTo(state.word())
                    .isLowerCase();
        }
    }

    @Test
    void aRecoveryTellsHowFarItIs() {
        JsonObject operation = StatusJson.array(Scenes.recovering())
                .getJsonArray("members")
                .getJsonObject(1)
                .getJsonObject("operation");

        assertThat(operation.toString())
                .isEqualTo(
                        "{\"kind\":\"recover\",\"phase\":\"copying transactions\",\"done\":640,\"total\":1000,"
                                + "\"unit\":\"transactions\",\"rate\":120.0,\"secondsLeft\":3,\"paused\":false,\"limit\":null}");
    }

    @Test
    void anEmptyDatabaseHasNoLastTime() {
        ArrayStatus empty = new ArrayStatus(
                "main", ArrayState.OPTIMAL, "", Tid.NONE, 1, false, Optional.empty(), List.of(Scenes.optimal("a")));

        assertThat(StatusJson.array(empty).get("lastTime")).isEqualTo(JsonValue.NULL);
        assertThat(StatusJson.array(empty).getString("lastTid")).isEqualTo("0000000000000000");
    }

    @Test
    void anEventOfTheArrayHasNoMember() {
        JsonObject first = StatusJson.events(Scenes.events()).getJsonObject(0);
        JsonObject second = StatusJson.events(Scenes.events()).getJsonObject(1);

        assertThat(first.get("member")).isEqualTo(JsonValue.NULL);
        assertThat(second.getString("member")).isEqualTo("b");
        assertThat(second.getString("severity")).isEqualTo("error");
        assertThat(second.getInt("number")).isEqualTo(41);
    }

    @Test
    void aBranchHasTheseFields() {
        JsonObject branch = StatusJson.branches(Scenes.branches()).getJsonObject(0);

        assertThat(branch.keySet()).containsExactly("xid", "state", "since", "objects", "bytes", "node", "actions");
        assertThat(branch.getString("xid")).isEqualTo("1234:73686f702c7365727665722c50313030:0102");
        assertThat(branch.getString("state")).isEqualTo("in-doubt");
        assertThat(branch.getString("since")).isEqualTo("2026-11-23T01:30:00Z");
        assertThat(branch.getInt("objects")).isEqualTo(3);
        assertThat(branch.getInt("bytes")).isEqualTo(12_300);
        assertThat(branch.getString("node")).isEqualTo("shop,server,P100");
        assertThat(words(branch)).containsExactly("commit", "rollback");
        JsonObject decided = StatusJson.branches(Scenes.branches()).getJsonObject(1);
        assertThat(decided.getString("state")).isEqualTo("committed-by-admin");
        assertThat(words(decided)).containsExactly("forget");
    }

    private static List<String> words(JsonObject json) {
        return json.getJsonArray("actions").getValuesAs(JsonString::getString);
    }
}

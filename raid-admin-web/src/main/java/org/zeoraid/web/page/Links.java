package org.zeoraid.web.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.zeoraid.storage.BranchId;
import org.zeoraid.web.action.Action;
import org.zeoraid.web.action.Decision;

/** Addresses within the application. */
final class Links {

    private Links() {}

    /** @param member blank for an action on the array */
    static String action(Viewer viewer, String array, String member, Action action) {
        return viewer.root() + "/do/" + segment(array) + "/" + (member.isEmpty() ? "" : segment(member) + "/")
                + action.word();
    }

    static String branch(Viewer viewer, String array, BranchId branch, Decision decision) {
        // a name has hexadecimal digits and colons only
        return viewer.root() + "/branch/" + segment(array) + "/" + branch + "/" + decision.word();
    }

    static String events(Viewer viewer, String array) {
        return viewer.root() + "/events/" + segment(array);
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

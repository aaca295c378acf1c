package org.zeoraid.web.page;

/**
 * Who looks at a page.
 *
 * @param root where the application lies, such as {@code /raid}
 * @param mayAct whether buttons are for them
 * @param token what forms must bring back; blank where none is needed
 */
public record Viewer(String root, String name, boolean mayAct, String token) {}

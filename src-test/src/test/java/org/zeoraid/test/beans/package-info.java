/** A small application that uses the session beans; deployed as {@code /beans} with raid-ejb in its WEB-INF/lib. */
@NullMarked
package org.zeoraid.test.beans;

import org.jspecify.annotations.NullMarked;

/** The commands of an admin: look at an array that a server serves, and change it. */
@NullMarked
package org.zeoraid.raidctl.admin;

import org.jspecify.annotations.NullMarked;

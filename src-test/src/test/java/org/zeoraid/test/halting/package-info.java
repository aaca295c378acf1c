/** Halts a server within a call of a class that is not the tests' own. */
@NullMarked
package org.zeoraid.test.halting;

import org.jspecify.annotations.NullMarked;

/** Transactions over an array and another resource, in a server that is halted at each step of their protocol and started again. */
@NullMarked
package org.zeoraid.test.crash;

import org.jspecify.annotations.NullMarked;

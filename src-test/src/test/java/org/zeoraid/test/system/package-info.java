/** The whole product under load and faults: a real Payara Micro as a process, real files, real kills. */
@NullMarked
package org.zeoraid.test.system;

import org.jspecify.annotations.NullMarked;

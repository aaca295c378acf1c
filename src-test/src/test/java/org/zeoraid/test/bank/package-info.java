/** An application that moves money between an array and another resource, in container-managed transactions. */
@NullMarked
package org.zeoraid.test.bank;

import org.jspecify.annotations.NullMarked;

/** An application for tests: a session bean that works with arrays through JNDI, and an HTTP face that drives it. */
@NullMarked
package org.zeoraid.test.app;

import org.jspecify.annotations.NullMarked;

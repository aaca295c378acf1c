/** An application whose message-driven bean listens to the array {@code main}. */
@NullMarked
package org.zeoraid.test.listening;

import org.jspecify.annotations.NullMarked;

/** An application that gives its server commands: what tests change in a server that runs. */
@NullMarked
package org.zeoraid.test.commanding;

import org.jspecify.annotations.NullMarked;

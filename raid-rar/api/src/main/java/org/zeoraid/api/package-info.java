/**
 * What an application compiles against: the connection factory that JNDI gives, connections that take part in the
 * caller's transaction, and the administration of arrays. Errors are those of {@link org.zeoraid.storage}, unchecked.
 */
@NullMarked
package org.zeoraid.api;

import org.jspecify.annotations.NullMarked;

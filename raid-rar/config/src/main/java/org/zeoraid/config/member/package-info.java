/**
 * The kinds of members that a configuration can name. A jar adds one by a {@link org.zeoraid.config.member.MemberKind}
 * that {@link java.util.ServiceLoader} finds.
 */
@NullMarked
package org.zeoraid.config.member;

import org.jspecify.annotations.NullMarked;

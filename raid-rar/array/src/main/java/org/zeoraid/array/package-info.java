/**
 * The array: one storage made of members that each hold the whole database.
 *
 * <p>How threads meet here. {@link org.zeoraid.array.MembershipKeeper} is the only place where a member's state
 * changes: one decision at a time, on one worker. Everybody else reads {@link org.zeoraid.array.Membership}, an immutable
 * picture held in a volatile field. What a member does at the moment (calls under way, last tid seen) is kept in
 * {@link org.zeoraid.array.Member} and may be read and counted by any thread without a lock.
 */
@NullMarked
package org.zeoraid.array;

import org.jspecify.annotations.NullMarked;

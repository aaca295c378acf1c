/** What an admin can do to an array and its members: when it is offered, what it means, how it is carried out. */
@NullMarked
package org.zeoraid.web.action;

import org.jspecify.annotations.NullMarked;

/** Who may come in, by which door, and what keeps others from using it: passwords, sessions, forged requests. */
@NullMarked
package org.zeoraid.web.login;

import org.jspecify.annotations.NullMarked;

/** REST: arrays as JSON, errors as problem documents (RFC 9457). */
@NullMarked
package org.zeoraid.web.api;

import org.jspecify.annotations.NullMarked;

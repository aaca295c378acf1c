/** The page: pictures of arrays in HTML, the questions asked before something is done, the login form. */
@NullMarked
package org.zeoraid.web.page;

import org.jspecify.annotations.NullMarked;

/**
 * The whole thing in a Payara Micro. {@link org.zeoraid.test.PayaraMicro} drives a server as a process of its own,
 * {@link org.zeoraid.test.TestApplication} is an application that uses an array through JNDI.
 */
@NullMarked
package org.zeoraid.test;

import org.jspecify.annotations.NullMarked;

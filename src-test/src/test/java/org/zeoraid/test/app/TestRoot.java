package org.zeoraid.test.app;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The face lies at the application's root. */
@ApplicationPath("/")
public class TestRoot extends Application {}

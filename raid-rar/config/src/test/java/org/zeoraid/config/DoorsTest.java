package org.zeoraid.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.admin.ArrayAdministration;

/** What is asked of a door is asked of the array behind it, also what an interface would answer by itself. */
class DoorsTest {

    @ParameterizedTest
    @EnumSource
    void aDoorPassesEverythingOn(Pair pair) {
        for (Method method : pair.face.getMethods()) {
            if (!Modifier.isStatic(method.getModifiers())) {
                assertThat(pair.door.getDeclaredMethods())
                        .as("%s passes on %s", pair.door.getSimpleName(), method)
                        .anyMatch(own -> own.getName().equals(method.getName())
                                && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
            }
        }
    }

    enum Pair {
        STORAGE(StorageDoor.class, Storage.class),
        ADMINISTRATION(AdministrationDoor.class, ArrayAdministration.class);

        private final Class<?> door;
        private final Class<?> face;

        Pair(Class<?> door, Class<?> face) {
            this.door = door;
            this.face = face;
        }
    }
}

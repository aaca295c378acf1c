package org.zeoraid.ejb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.SessionContext;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.Set;
import javax.naming.NamingException;
import org.junit.jupiter.api.Test;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;

class ArrayControlTest {

    private static final BranchId BRANCH = BranchId.parse("1:ab:02");

    private final ScriptedArrays arrays = new ScriptedArrays();
    private final ArrayControl control = control(name -> arrays);

    @Test
    void everythingReachesTheArray() {
        control.disable("main", "a");
        control.recover("main", "a");
        control.rebuild("main", "a");
        control.pause("main", "a");
        control.resume("main", "a");
        control.throttle("main", "a", 5);
        control.verify("main", "a");
        control.reload("main");
        control.pack("main", new PackRequest(Tid.NONE, PackRequest.Garbage.KEEP));
        control.assembleByForce("main");
        control.commitBranch("main", BRANCH);
        control.rollbackBranch("main", BRANCH);
        control.forgetBranch("main", BRANCH);

        assertThat(arrays.asked)
                .containsExactly(
                        "disable a",
                        "recover a",
                        "rebuild a",
                        "pause a",
                        "resume a",
                        "throttle a 5",
                        "verify a",
                        "reload",
                        "pack",
                        "assemble",
                        "commit 1:ab:02",
                        "roll back 1:ab:02",
                        "forget 1:ab:02");
    }

    @Test
    void whoeverAsksForAnUnknownArrayIsToldByTheStage() {
        assertThat(control.disable("x", "a").toCompletableFuture())
                .failsWithin(java.time.Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(AdministrationException.class);
        assertThat(control.status("x")).isEmpty();
        assertThat(control.events("x", 0, 1)).isEmpty();
        assertThat(control.status("main")).isPresent();
    }

    @Test
    void branchesAreThoseOfTheArray() {
        arrays.branches.add(new PreparedBranch(BRANCH, PreparedBranch.State.IN_DOUBT, java.time.Instant.EPOCH, 1, 256));

        assertThat(control.branches("main").orElseThrow()).isEqualTo(arrays.branches);
        assertThat(control.branches("x")).isEmpty();
    }

    @Test
    void withoutAnAdapterItIsSaidWhatIsMissing() {
        ArrayControl without = control(name -> {
            throw new NamingException("not bound");
        });

        assertThatThrownBy(without::status)
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("raid/administration")
                .hasMessageContaining("raid-rar.rar");
    }

    @Test
    void anApplicationWithItsOwnCopyOfTheInterfacesIsTold() {
        ArrayControl odd = control(name -> "something else");

        assertThatThrownBy(odd::status).hasMessageContaining("own copy of the interfaces");
    }

    @Test
    void onlyReadingIsForTheMonitor() {
        Set<String> reading = Set.of("status", "events", "branches");

        assertThat(ArrayControl.class.getAnnotation(RolesAllowed.class).value()).containsExactly("raid-admin");
        for (Method method : ArrayControl.class.getDeclaredMethods()) {
            RolesAllowed roles = method.getAnnotation(RolesAllowed.class);
            if (Modifier.isPublic(method.getModifiers()) && reading.contains(method.getName())) {
                assertThat(roles.value()).containsExactly("raid-admin", "raid-monitor");
            } else {
                assertThat(roles).describedAs(method.getName()).isNull();
            }
        }
    }

    private static ArrayControl control(ArrayAccess.Lookup jndi) {
        ArrayControl control = new ArrayControl();
        control.arrays = new ArrayAccess(jndi);
        Principal night = () -> "night";
        control.context = (SessionContext) Proxy.newProxyInstance(
                ArrayControlTest.class.getClassLoader(),
                new Class<?>[] {SessionContext.class},
                (proxy, method, arguments) -> night);
        return control;
    }

    @Test
    void jndiIsAskedOnce() throws NamingException {
        int[] lookups = {0};
        ArrayAccess access = new ArrayAccess(name -> {
            lookups[0]++;
            return arrays;
        });

        RaidAdministration first = access.administration();

        assertThat(access.administration()).isSameAs(first);
        assertThat(lookups[0]).isEqualTo(1);
    }
}

package org.zeoraid.web.login;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.security.enterprise.identitystore.CredentialValidationResult;
import jakarta.security.enterprise.identitystore.CredentialValidationResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RaidAccountsTest {

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();
    private final RaidAccounts accounts = new RaidAccounts(new Passwords(
            name -> Optional.ofNullable(environment.get(name)), name -> Optional.ofNullable(properties.get(name))));

    @Test
    void theEnvironmentNamesTheAdminsPassword() {
        environment.put("RAID_ADMIN_PASSWORD", "s3cret ${x} äöü");

        CredentialValidationResult result = check("admin", "s3cret ${x} äöü");

        assertThat(result.getStatus()).isEqualTo(Status.VALID);
        assertThat(result.getCallerGroups()).containsExactly("raid-admin");
        assertThat(check("admin", "s3cret").getStatus()).isEqualTo(Status.INVALID);
        assertThat(check("monitor", "s3cret ${x} äöü").getStatus()).isEqualTo(Status.INVALID);
    }

    @Test
    void aFileNamesItWhereTheEnvironmentDoesNot(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("password"), "from a file\n");
        properties.put("raid.admin.password.file", file.toString());

        assertThat(check("admin", "from a file").getStatus()).isEqualTo(Status.VALID);

        Files.writeString(file, "another one\n");
        assertThat(check("admin", "from a file").getStatus()).isEqualTo(Status.INVALID);
        assertThat(check("admin", "another one").getStatus()).isEqualTo(Status.VALID);
    }

    @Test
    void theMonitorMayOnlyLook() {
        environment.put("RAID_MONITOR_PASSWORD", "watch");

        assertThat(check("monitor", "watch").getCallerGroups()).containsExactly("raid-monitor");
    }

    @Test
    void whoHasNoPasswordDoesNotExist(@TempDir Path folder) {
        assertThat(check("admin", "").getStatus()).isEqualTo(Status.INVALID);
        environment.put("RAID_ADMIN_PASSWORD", "  ");
        assertThat(check("admin", "  ").getStatus()).isEqualTo(Status.INVALID);
        properties.put("raid.admin.password.file", folder.resolve("missing").toString());
        assertThat(check("admin", "").getStatus()).isEqualTo(Status.INVALID);
        assertThat(accounts.isAnybodyKnown()).isFalse();
        assertThat(check("root", "").getStatus()).isEqualTo(Status.INVALID);
    }

    private CredentialValidationResult check(String user, String password) {
        return accounts.validate(new UsernamePasswordCredential(user, password));
    }
}

package org.zeoraid.web.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.security.enterprise.credential.Credential;
import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.security.enterprise.identitystore.CredentialValidationResult;
import jakarta.security.enterprise.identitystore.IdentityStore;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.zeoraid.ejb.Roles;

/** The two users there can be: {@code admin}, who may do everything, and {@code monitor}, who may look. */
@ApplicationScoped
public class RaidAccounts implements IdentityStore {

    private static final Map<String, Set<String>> ROLES =
            Map.of("admin", Set.of(Roles.ADMIN), "monitor", Set.of(Roles.MONITOR));

    private final Passwords passwords;

    public RaidAccounts() {
        this(new Passwords());
    }

    RaidAccounts(Passwords passwords) {
        this.passwords = passwords;
    }

    @Override
    public CredentialValidationResult validate(Credential credential) {
        if (!(credential instanceof UsernamePasswordCredential given)) {
            return CredentialValidationResult.NOT_VALIDATED_RESULT;
        }
        String user = given.getCaller();
        Optional<String> password = ROLES.containsKey(user) ? passwords.of(user) : Optional.empty();
        // the same work whether there is such a user or not
        boolean equal = MessageDigest.isEqual(digest(given.getPasswordAsString()), digest(password.orElse("")));
        if (password.isEmpty() || !equal) {
            return CredentialValidationResult.INVALID_RESULT;
        }
        return new CredentialValidationResult(user, ROLES.getOrDefault(user, Set.of()));
    }

    /** Whether there can be a user of this name. */
    static boolean isUser(String name) {
        return ROLES.containsKey(name);
    }

    /** Whether anybody can log in at all. */
    public boolean isAnybodyKnown() {
        return ROLES.keySet().stream().anyMatch(user -> passwords.of(user).isPresent());
    }

    /** Digests have equal lengths, so that the comparison tells nothing of the password's. */
    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

package org.zeoraid.web.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.security.enterprise.identitystore.CredentialValidationResult;
import jakarta.security.enterprise.identitystore.CredentialValidationResult.Status;
import jakarta.security.enterprise.identitystore.IdentityStoreHandler;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Looks at names and passwords, for both doors: the login form and HTTP's Basic scheme. */
@ApplicationScoped
public class Gate {

    private static final Logger LOG = System.getLogger("org.zeoraid.web");

    private final AttemptThrottle throttle = new AttemptThrottle(System::nanoTime);

    @Inject
    IdentityStoreHandler accounts;

    /** What came of it. */
    sealed interface Decision {}

    /** Come in. */
    record Admitted(String name, Set<String> roles) implements Decision {}

    /** Wrong name or password. */
    record Refused() implements Decision {}

    /** Not looked at: too many wrong ones before it. */
    record TooSoon(Duration pause) implements Decision {}

    /**
     * @param address where it comes from. Wrong passwords are counted for it and for the user: who guesses an admin's from
     *     somewhere keeps nobody else out, and the right one of another user is no way to a new count
     */
    Decision decide(String address, String user, String password) {
        String guesser = Sender.network(address) + " " + (RaidAccounts.isUser(user) ? user : "somebody");
        Optional<CredentialValidationResult> seen = throttle.attempt(
                guesser,
                () -> accounts.validate(new UsernamePasswordCredential(user, password)),
                result -> result.getStatus() == Status.VALID);
        if (seen.isEmpty()) {
            return new TooSoon(throttle.pause(guesser));
        }
        CredentialValidationResult result = seen.get();
        if (result.getStatus() == Status.VALID) {
            return new Admitted(result.getCallerPrincipal().getName(), result.getCallerGroups());
        }
        // not the name that was given: people type passwords there
        LOG.log(Logger.Level.WARNING, "a login from {0} was refused: wrong name or password", address);
        return new Refused();
    }
}

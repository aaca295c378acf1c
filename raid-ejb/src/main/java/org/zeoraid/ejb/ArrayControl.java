package org.zeoraid.ejb;

import jakarta.annotation.Resource;
import jakarta.annotation.security.DeclareRoles;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptors;
import java.lang.System.Logger;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;

/**
 * The administration of this server's arrays for people and programs: reading for {@link Roles#ADMIN} and {@link
 * Roles#MONITOR}, everything else for {@link Roles#ADMIN} alone; what is asked for is logged with the name of who asked.
 *
 * <p>Stages complete as {@link ArrayAdministration} says, and fail with its {@link AdministrationException} or a {@link
 * StorageException}. Without a resource adapter every reading method throws a {@link StoreException} that says so. Called
 * within a transaction, it takes no part in it.
 */
@Stateless
@Interceptors(StoreErrors.class)
@DeclareRoles({Roles.ADMIN, Roles.MONITOR})
@RolesAllowed(Roles.ADMIN)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class ArrayControl {

    private static final Logger LOG = System.getLogger("org.zeoraid.ejb");

    @Resource
    SessionContext context;

    @Inject
    ArrayAccess arrays;

    /** All arrays of this server, in the order of the configuration. */
    @RolesAllowed({Roles.ADMIN, Roles.MONITOR})
    public List<ArrayStatus> status() {
        return arrays.statusOfAll();
    }

    /** An array, if there is one of that name. */
    @RolesAllowed({Roles.ADMIN, Roles.MONITOR})
    public Optional<ArrayStatus> status(String array) {
        return find(array).map(ArrayAdministration::status);
    }

    /** The newest events of an array with numbers greater than {@code after}, oldest first; empty if there is no such array. */
    @RolesAllowed({Roles.ADMIN, Roles.MONITOR})
    public Optional<List<ArrayEvent>> events(String array, long after, int limit) {
        return find(array).map(found -> found.events(after, limit));
    }

    /** Takes a member out until an admin recovers it. */
    public CompletionStage<Void> disable(String array, String member) {
        return ask(array, "disable member " + member, found -> found.disable(member));
    }

    /** Starts the online recovery of a member. */
    public CompletionStage<Void> recover(String array, String member) {
        return ask(array, "recover member " + member, found -> found.recover(member));
    }

    /** Starts a full rebuild of a member. */
    public CompletionStage<Void> rebuild(String array, String member) {
        return ask(array, "rebuild member " + member, found -> found.rebuild(member));
    }

    /** Pauses the recovery of a member. */
    public CompletionStage<Void> pause(String array, String member) {
        return ask(array, "pause the recovery of member " + member, found -> found.pause(member));
    }

    /** Goes on with a recovery that was paused. */
    public CompletionStage<Void> resume(String array, String member) {
        return ask(array, "resume the recovery of member " + member, found -> found.resume(member));
    }

    /** Bounds what a recovery copies, in bytes a second; 0 lifts the bound. */
    public CompletionStage<Void> throttle(String array, String member, long bytesPerSecond) {
        return ask(
                array,
                "throttle the recovery of member " + member + " to " + bytesPerSecond + " bytes/s (0: no bound)",
                found -> found.throttle(member, bytesPerSecond));
    }

    /** Reads a member whole and checks it; completes when that is done. */
    public CompletionStage<Void> verify(String array, String member) {
        return ask(array, "verify member " + member, found -> found.verify(member));
    }

    /** Reads the configuration again. */
    public CompletionStage<Void> reload(String array) {
        return ask(array, "reload the configuration", ArrayAdministration::reload);
    }

    /** Packs; completes when that is done. */
    public CompletionStage<PackResult> pack(String array, PackRequest request) {
        return ask(array, "pack up to " + request.upTo().instant(), found -> found.pack(request));
    }

    /** Has an array that waits for members serve without them: what only they hold is lost. */
    public CompletionStage<Void> assembleByForce(String array) {
        return ask(array, "assemble by force", ArrayAdministration::assembleByForce);
    }

    /**
     * Branches of global transactions that are in doubt, or that an admin decided and nobody has forgotten, oldest first; empty if
     * there is no such array. A branch is in doubt for a moment in every global transaction.
     */
    @RolesAllowed({Roles.ADMIN, Roles.MONITOR})
    public Optional<List<PreparedBranch>> branches(String array) {
        return find(array).map(ArrayAdministration::preparedBranches);
    }

    /** Commits a branch in doubt instead of its transaction manager: a heuristic decision. */
    public CompletionStage<Void> commitBranch(String array, BranchId branch) {
        return ask(array, "commit branch " + branch + " by force", found -> found.commitBranch(branch));
    }

    /** Rolls a branch in doubt back instead of its transaction manager: a heuristic decision. */
    public CompletionStage<Void> rollbackBranch(String array, BranchId branch) {
        return ask(array, "roll branch " + branch + " back by force", found -> found.rollbackBranch(branch));
    }

    /** Forgets a branch that an admin decided; its transaction manager is not told any more. */
    public CompletionStage<Void> forgetBranch(String array, BranchId branch) {
        return ask(array, "forget branch " + branch, found -> found.forgetBranch(branch));
    }

    private <T> CompletionStage<T> ask(
            String array, String what, Function<ArrayAdministration, CompletionStage<T>> request) {
        String who = context.getCallerPrincipal().getName();
        String wish = printable("array " + array + ": " + who + " asks to " + what);
        try {
            CompletionStage<T> answer = request.apply(arrays.administration().array(array));
            LOG.log(Logger.Level.INFO, wish);
            return answer.whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.log(Logger.Level.INFO, wish + ", which failed: " + printable(failure.toString()));
                }
            });
        } catch (AdministrationException | StorageException e) {
            LOG.log(Logger.Level.INFO, wish + ", refused: " + printable(e.toString()));
            return CompletableFuture.failedStage(e);
        }
    }

    /** Names come from a URL: a line break in one must not make a line of its own in the log. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private Optional<ArrayAdministration> find(String array) {
        try {
            return Optional.of(arrays.administration().array(array));
        } catch (AdministrationException e) {
            return Optional.empty();
        }
    }
}

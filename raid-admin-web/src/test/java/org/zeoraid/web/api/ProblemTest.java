package org.zeoraid.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ejb.AccessLocalException;
import jakarta.ejb.EJBAccessException;
import jakarta.ejb.EJBException;
import jakarta.json.Json;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.zeoraid.ejb.StoreException;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;

class ProblemTest {

    @Test
    void whatTheAdministrationRefusesIsToldInItsWords() {
        assertThat(Problem.of(new AdministrationException(Refusal.UNKNOWN, "no member x")))
                .isEqualTo(new Problem(404, "unknown", "No such array, member or branch", "no member x"));
        assertThat(Problem.of(new AdministrationException(Refusal.WRONG_STATE, "b is the last")))
                .extracting(Problem::status, Problem::detail)
                .containsExactly(409, "b is the last");
        assertThat(Problem.of(new AdministrationException(Refusal.INVALID, "what?"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void whatTheContainerWrappedIsUnwrapped() {
        AdministrationException refused = new AdministrationException(Refusal.WRONG_STATE, "not now");

        assertThat(Problem.of(new CompletionException(refused)).status()).isEqualTo(409);
        assertThat(Problem.of(new EJBException(new CompletionException(refused)))
                        .detail())
                .isEqualTo("not now");
    }

    @Test
    void whoMayOnlyLookIsToldSo() {
        assertThat(Problem.of(new EJBAccessException("no")).status()).isEqualTo(403);
        assertThat(Problem.of(new AccessLocalException("Client not authorized")))
                .extracting(Problem::status, Problem::code)
                .containsExactly(403, "not-allowed");
    }

    @Test
    void failuresOfTheStorageKeepTheirCode() {
        assertThat(Problem.of(new StoreException(new StorageUnavailableException("no adapter"))))
                .extracting(Problem::status, Problem::code, Problem::detail)
                .containsExactly(503, "unavailable", "no adapter");
        assertThat(Problem.of(new ArrayFailedException("down")).status()).isEqualTo(503);
        assertThat(Problem.of(new DiskFullException("full")).status()).isEqualTo(507);
    }

    @Test
    void anUnexpectedFailureGivesNothingAwayButAnIncident() {
        Problem problem = Problem.of(new IllegalStateException("secret path /etc/x"));

        assertThat(problem.status()).isEqualTo(500);
        assertThat(problem.detail()).doesNotContain("secret").containsPattern("incident [0-9a-f]{8}");
    }

    @Test
    void theDocumentIsThatOfRfc9457() {
        assertThat(new Problem(409, "wrong-state", "Not possible", "b is \"optimal\"").json())
                .isEqualTo(Json.createObjectBuilder()
                        .add("type", "urn:zeoraid:problem:wrong-state")
                        .add("title", "Not possible")
                        .add("status", 409)
                        .add("detail", "b is \"optimal\"")
                        .add("code", "wrong-state")
                        .build());
    }
}

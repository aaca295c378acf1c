package org.zeoraid.web.watch;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;

/**
 * Payara finds the methods that it calls back by their names alone: of two with one name it calls whichever the virtual machine
 * lists first, and the bean is not made.
 */
@AnalyzeClasses(packages = "org.zeoraid", importOptions = ImportOption.DoNotIncludeTests.class)
class CallbacksTest {

    private static final DescribedPredicate<JavaMethod> ALONE_WITH_THEIR_NAME = DescribedPredicate.describe(
            "alone with their name",
            method -> method.getOwner().getMethods().stream()
                            .filter(other -> other.getName().equals(method.getName()))
                            .count()
                    == 1);

    @ArchTest
    static final ArchRule CALLBACKS_HAVE_NO_OVERLOADS = methods()
            .that()
            .areAnnotatedWith(PostConstruct.class)
            .or()
            .areAnnotatedWith(PreDestroy.class)
            .should(be(ALONE_WITH_THEIR_NAME));
}

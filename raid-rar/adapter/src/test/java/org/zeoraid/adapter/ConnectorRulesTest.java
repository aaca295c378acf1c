package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ManagedConnectionMetaData;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** What checkers of connectors look for in the classes that ra.xml names; docs/jca.md has the list. */
class ConnectorRulesTest {
    private static final List<Class<?>> PROPERTY_TYPES = List.of(
            String.class,
            Boolean.class,
            Integer.class,
            Double.class,
            Byte.class,
            Short.class,
            Long.class,
            Float.class,
            Character.class);

    @TempDir
    Path folder;

    private MemoryArray array;

    @BeforeEach
    void open() {
        array = new MemoryArray(folder);
    }

    @AfterEach
    void close() {
        array.close();
    }

    /** The names of elements with the types that the named classes must be of. */
    static Stream<Arguments> beans() {
        return Stream.of(
                Arguments.of("resourceadapter-class", ResourceAdapter.class),
                Arguments.of("managedconnectionfactory-class", ManagedConnectionFactory.class),
                Arguments.of("activationspec-class", ActivationSpec.class),
                Arguments.of("adminobject-class", type("adminobject-interface")));
    }

    @ParameterizedTest
    @MethodSource("beans")
    void aBeanIsWhatItIsNamedAs(String element, Class<?> wanted) throws Exception {
        Class<?> bean = type(element);
        assertThat(wanted).isAssignableFrom(bean);
        assertThat(bean.getConstructor().newInstance()).isInstanceOf(Serializable.class);
        assertThat(Modifier.isPublic(bean.getModifiers())).isTrue();
    }

    @ParameterizedTest
    @MethodSource("beans")
    void aBeanThatBelongsToAnAdapterIsTold(String element) {
        assertThat(type(element))
                .matches(bean -> ResourceAdapter.class.isAssignableFrom(bean)
                        || ResourceAdapterAssociation.class.isAssignableFrom(bean));
    }

    @ParameterizedTest
    @MethodSource("beans")
    void whatTheDescriptorHasServersSetArrivesInTheBean(String element) throws Exception {
        Class<?> type = type(element);
        Object bean = type.getConstructor().newInstance();
        PropertyDescriptor[] accessors = Introspector.getBeanInfo(type).getPropertyDescriptors();
        for (Element property : properties(element)) {
            String name = RaXml.element(property, "config-property-name").getTextContent();
            PropertyDescriptor accessor = Arrays.stream(accessors)
                    .filter(candidate -> candidate.getName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no accessors for " + name));
            Class<?> declared = Class.forName(
                    RaXml.element(property, "config-property-type").getTextContent());
            assertThat(PROPERTY_TYPES).contains(declared);
            assertThat(accessor.getPropertyType()).isEqualTo(declared);
            Object value = declared.equals(Integer.class) ? (Object) 21 : "arrives-" + name;

            accessor.getWriteMethod().invoke(bean, value);

            assertThat(accessor.getReadMethod().invoke(bean)).isEqualTo(value);
            if (!(bean instanceof ActivationSpec)) {
                assertThat(bean.toString()).contains(value.toString());
                assertThat(bean).isNotEqualTo(type.getConstructor().newInstance());
            }
        }
    }

    @Test
    void adapterAndFactoryAreComparedByTheirSettings() throws Exception {
        for (String element : List.of("resourceadapter-class", "managedconnectionfactory-class")) {
            Class<?> bean = type(element);
            assertThat(bean.getDeclaredMethod("equals", Object.class)).isNotNull();
            assertThat(bean.getDeclaredMethod("hashCode")).isNotNull();
            Object one = bean.getConstructor().newInstance();
            assertThat(one)
                    .isEqualTo(one)
                    .isEqualTo(bean.getConstructor().newInstance())
                    .hasSameHashCodeAs(bean.getConstructor().newInstance())
                    .isNotEqualTo(null)
                    .isNotEqualTo("another");
        }
    }

    @Test
    void whatIsBoundInJndiCanBeReferredToAndWritten() {
        for (String element : List.of("connectionfactory-impl-class", "adminobject-class")) {
            assertThat(Referenceable.class).isAssignableFrom(type(element));
            assertThat(Serializable.class).isAssignableFrom(type(element));
        }
        assertThat(type("connectionfactory-interface")).isAssignableFrom(type("connectionfactory-impl-class"));
        assertThat(type("connection-interface")).isAssignableFrom(type("connection-impl-class"));
        assertThat(type("connection-impl-class"))
                .isInstanceOf(Class.class)
                .matches(AutoCloseable.class::isAssignableFrom);
    }

    @Test
    void aFactoryMakesWhatTheDescriptorSays() throws Exception {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        assertThat(factory.createConnectionFactory()).isExactlyInstanceOf(type("connectionfactory-impl-class"));
        assertThat(factory.createConnectionFactory(new OnePool(array.connect())))
                .isExactlyInstanceOf(type("connectionfactory-impl-class"))
                .isNotSameAs(factory.createConnectionFactory());
        assertThat(array.connect().getConnection(null, null)).isExactlyInstanceOf(type("connection-impl-class"));
    }

    @Test
    void aManagedConnectionTellsOfItsArray() throws Exception {
        ManagedConnectionMetaData metaData = array.connect().getMetaData();
        assertThat(metaData.getEISProductName()).isNotBlank();
        assertThat(metaData.getEISProductVersion()).isNotBlank();
        assertThat(metaData.getUserName()).isNotNull();
        assertThat(metaData.getMaxConnections()).isZero();
    }

    @Test
    void aManagedConnectionHasOneXaResourceAndAHandleForEachCaller() throws Exception {
        ManagedConnection managed = array.connect();
        assertThat(managed.getXAResource()).isSameAs(managed.getXAResource());
        assertThat(managed.getConnection(null, null)).isNotSameAs(managed.getConnection(null, null));
    }

    @Test
    void logWritersAreKept() throws Exception {
        PrintWriter writer = new PrintWriter(new StringWriter());
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        ManagedConnection managed = array.connect();
        assertThat(factory.getLogWriter()).isNull();
        assertThat(managed.getLogWriter()).isNull();
        factory.setLogWriter(writer);
        managed.setLogWriter(writer);
        assertThat(factory.getLogWriter()).isSameAs(writer);
        assertThat(managed.getLogWriter()).isSameAs(writer);
    }

    @Test
    void matchingAndValidatingThrowNothingWhateverTheyAreGiven() throws ResourceException {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        ManagedConnection destroyed = new RaidManagedConnection(array.served, factory);
        destroyed.destroy();
        ManagedConnection sound = new RaidManagedConnection(array.served, factory);
        RaidManagedConnectionFactory strange = new RaidManagedConnectionFactory();
        strange.setArrayName("strange");
        ManagedConnection others = new RaidManagedConnection(array.served, strange);
        Set<Object> pool = new HashSet<>(List.of(destroyed, others, "no connection at all"));
        pool.add(null);

        assertThat(factory.matchManagedConnections(pool, null, null)).isNull();
        assertThat((Object) factory.getInvalidConnections(pool)).isEqualTo(Set.of(destroyed));
        pool.add(sound);
        assertThat(factory.matchManagedConnections(pool, null, null)).isSameAs(sound);
        assertThat((Object) factory.getInvalidConnections(Set.of(sound))).isEqualTo(Set.of());
        assertThat(pool).hasSize(5);
    }

    private static List<Element> properties(String element) {
        return RaXml.properties((Element) element(element).getParentNode()).toList();
    }

    private static Class<?> type(String element) {
        try {
            return Class.forName(element(element).getTextContent());
        } catch (ClassNotFoundException e) {
            throw new AssertionError("ra.xml names a class that is not there", e);
        }
    }

    private static Element element(String name) {
        return RaXml.element(RaXml.root(), name);
    }
}

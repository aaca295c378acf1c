package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.resource.spi.AdministeredObject;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.ConnectionDefinition;
import jakarta.resource.spi.Connector;
import jakarta.resource.spi.TransactionSupport.TransactionSupportLevel;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;

/** What a server reads from the annotations, and does with the beans that they are on. */
class DescriptorTest {
    static Stream<Class<?>> beans() {
        return Stream.of(
                RaidResourceAdapter.class,
                RaidManagedConnectionFactory.class,
                AdministrationObject.class,
                RaidActivation.class);
    }

    static Stream<Field> properties() {
        return beans().flatMap(bean -> Arrays.stream(bean.getDeclaredFields()))
                .filter(field -> field.isAnnotationPresent(ConfigProperty.class));
    }

    @ParameterizedTest
    @MethodSource("beans")
    void propertiesAreOnFieldsOnlyBecauseServersTakeThoseOnSettersForAnother(Class<?> bean) {
        assertThat(bean.getMethods()).noneMatch(method -> method.isAnnotationPresent(ConfigProperty.class));
    }

    @ParameterizedTest
    @MethodSource("properties")
    void theDefaultIsTheSameWithAndWithoutAServer(Field property) throws Exception {
        Object bean = property.getDeclaringClass().getConstructor().newInstance();
        assertThat(accessors(property).getReadMethod().invoke(bean))
                .hasToString(property.getAnnotation(ConfigProperty.class).defaultValue());
        assertThat(property.getAnnotation(ConfigProperty.class).description()).hasSizeGreaterThanOrEqualTo(1);
    }

    @Test
    void everySetterIsThatOfAPropertyOrOfTheSpecification() {
        Map<String, Long> unknown = beans().flatMap(bean -> Arrays.stream(bean.getDeclaredMethods()))
                .map(method -> method.getName())
                .filter(name -> name.startsWith("set"))
                .filter(name -> properties().noneMatch(field -> name.equals(setter(field))))
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        assertThat(unknown).containsOnlyKeys("setResourceAdapter", "setLogWriter", "setReference");
    }

    @Test
    void theConnectorSupportsXaTransactions() {
        assertThat(RaidResourceAdapter.class.getAnnotation(Connector.class).transactionSupport())
                .isEqualTo(TransactionSupportLevel.XATransaction);
    }

    @Test
    void theConnectionDefinitionNamesWhatTheFactoryMakes() throws Exception {
        ConnectionDefinition definition = RaidManagedConnectionFactory.class.getAnnotation(ConnectionDefinition.class);
        assertThat(definition.connectionFactory()).isEqualTo(RaidConnectionFactory.class);
        assertThat(definition.connection()).isEqualTo(RaidConnection.class);
        assertThat(new RaidManagedConnectionFactory().createConnectionFactory())
                .isInstanceOf(definition.connectionFactoryImpl());
        assertThat(definition.connection()).isAssignableFrom(definition.connectionImpl());
        assertThat(AdministrationObject.class
                        .getAnnotation(AdministeredObject.class)
                        .adminObjectInterfaces())
                .containsExactly(RaidAdministration.class);
    }

    @Test
    void settingsAreTheServersProperties() {
        assertThat(new Settings("", "/data", "").configFile()).isEmpty();
        assertThat(new Settings(" ", "/data", "").dataDirectory()).isEqualTo(Optional.of(Path.of("/data")));
        assertThat(new Settings("/etc/raid.conf", "", "").configFile())
                .isEqualTo(Optional.of(Path.of("/etc/raid.conf")));
        assertThat(new Settings("", "/data", "").configuration().arrays())
                .singleElement()
                .satisfies(array -> assertThat(array.name()).isEqualTo("main"));
        assertThat(new Settings("", "/data", "").configuration().listeners()).hasSize(1);
        assertThat(new Settings("", "/data", "none").configuration().listeners())
                .isEmpty();
        assertThatThrownBy(() -> new Settings("", "", "").configuration()).hasMessageContaining("configFile");
    }

    @Test
    void anAdapterThatIsToldNothingIsNotValid() {
        RaidResourceAdapter adapter = new RaidResourceAdapter();
        assertThat(adapter.isConfigured()).isFalse();
        adapter.setDataDirectory("/data");
        assertThat(adapter.isConfigured()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"configFile", "dataDirectory", "zeoAddress"})
    void aVariableThatIsNotSetIsNotAFolder(String property) throws Exception {
        Pattern pattern = RaidResourceAdapter.class.getDeclaredField(property).getAnnotation(Pattern.class);
        assertThat("${ENV=RAID_DATA}").doesNotMatch(pattern.regexp());
        assertThat("${ENV=RAID_DATA}/raid.conf").doesNotMatch(pattern.regexp());
        assertThat("/var/lib/raid $1").matches(pattern.regexp());
        assertThat("").matches(pattern.regexp());
    }

    @Test
    void anArraysNameIsAName() throws Exception {
        Field name = RaidManagedConnectionFactory.class.getDeclaredField("arrayName");
        assertThat(name.isAnnotationPresent(NotNull.class)).isTrue();
        String pattern = name.getAnnotation(Pattern.class).regexp();
        assertThat("main").matches(pattern);
        assertThat("").doesNotMatch(pattern);
        assertThat("two words").doesNotMatch(pattern);
        assertThat("${ENV=ARRAY}").doesNotMatch(pattern);
    }

    private static String setter(Field field) {
        return "set" + Character.toUpperCase(field.getName().charAt(0))
                + field.getName().substring(1);
    }

    private static PropertyDescriptor accessors(Field property) throws Exception {
        return Arrays.stream(
                        Introspector.getBeanInfo(property.getDeclaringClass()).getPropertyDescriptors())
                .filter(descriptor -> descriptor.getName().equals(property.getName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no accessors for " + property));
    }
}

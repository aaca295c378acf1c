package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.adapter.RaXml.element;
import static org.zeoraid.adapter.RaXml.text;

import jakarta.resource.spi.Activation;
import jakarta.resource.spi.AdministeredObject;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.ConnectionDefinition;
import jakarta.resource.spi.Connector;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** What ra.xml says, against the annotations: servers read the one, people the other. */
class DeploymentDescriptorTest {

    private final Element root = RaXml.root();

    @Test
    void theServerLooksForNothingElse() {
        assertThat(root.getAttribute("metadata-complete")).isEqualTo("true");
    }

    @Test
    void theAdapterIsDescribed() {
        Connector connector = RaidResourceAdapter.class.getAnnotation(Connector.class);
        assertThat(text(root, "resourceadapter-class")).isEqualTo(RaidResourceAdapter.class.getName());
        assertThat(text(root, "description")).isEqualTo(connector.description()[0]);
        assertThat(text(root, "display-name")).isEqualTo(connector.displayName()[0]);
        assertThat(text(root, "vendor-name")).isEqualTo(connector.vendorName());
        assertThat(text(root, "eis-type")).isEqualTo(connector.eisType());
        assertThat(text(root, "resourceadapter-version")).isEqualTo(connector.version());
        assertThat(text(root, "transaction-support"))
                .isEqualTo(connector.transactionSupport().name());
        assertThat(text(root, "reauthentication-support"))
                .isEqualTo(String.valueOf(connector.reauthenticationSupport()));
        assertThat(properties(element(root, "resourceadapter"))).isEqualTo(properties(RaidResourceAdapter.class));
    }

    @Test
    void connectionsAreDescribed() {
        ConnectionDefinition definition = RaidManagedConnectionFactory.class.getAnnotation(ConnectionDefinition.class);
        Element described = element(root, "connection-definition");
        assertThat(text(described, "managedconnectionfactory-class"))
                .isEqualTo(RaidManagedConnectionFactory.class.getName());
        assertThat(text(described, "connectionfactory-interface"))
                .isEqualTo(definition.connectionFactory().getName());
        assertThat(text(described, "connectionfactory-impl-class"))
                .isEqualTo(definition.connectionFactoryImpl().getName());
        assertThat(text(described, "connection-interface"))
                .isEqualTo(definition.connection().getName());
        assertThat(text(described, "connection-impl-class"))
                .isEqualTo(definition.connectionImpl().getName());
        assertThat(properties(described)).isEqualTo(properties(RaidManagedConnectionFactory.class));
    }

    @Test
    void listenersAreDescribed() {
        Element described = element(root, "messagelistener");
        assertThat(text(described, "messagelistener-type"))
                .isEqualTo(RaidActivation.class
                        .getAnnotation(Activation.class)
                        .messageListeners()[0]
                        .getName());
        assertThat(text(described, "activationspec-class")).isEqualTo(RaidActivation.class.getName());
        assertThat(properties(element(described, "activationspec"))).isEqualTo(properties(RaidActivation.class));
    }

    @Test
    void theAdministrationIsDescribed() {
        Element described = element(root, "adminobject");
        assertThat(text(described, "adminobject-interface"))
                .isEqualTo(AdministrationObject.class
                        .getAnnotation(AdministeredObject.class)
                        .adminObjectInterfaces()[0]
                        .getName());
        assertThat(text(described, "adminobject-class")).isEqualTo(AdministrationObject.class.getName());
        assertThat(properties(described)).isEqualTo(properties(AdministrationObject.class));
    }

    private static List<String> properties(Class<?> bean) {
        return Arrays.stream(bean.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(ConfigProperty.class))
                .map(field -> field.getName() + " " + field.getType().getName() + " "
                        + field.getAnnotation(ConfigProperty.class).defaultValue())
                .toList();
    }

    private static List<String> properties(Element parent) {
        return RaXml.properties(parent)
                .map(property -> text(property, "config-property-name") + " " + text(property, "config-property-type")
                        + " " + text(property, "config-property-value"))
                .toList();
    }
}

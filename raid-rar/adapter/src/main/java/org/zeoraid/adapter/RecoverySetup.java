package org.zeoraid.adapter;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What the server's own configuration says about the recovery of transactions, as far as it can be read: Payara and GlassFish
 * keep it in {@code domain.xml}. Other servers say nothing here.
 */
final class RecoverySetup {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(ENV=)?([^=}]+)}");

    /** Looks up system properties and environment variables; null for what is not set. */
    record Surroundings(Function<String, @Nullable String> properties, Function<String, @Nullable String> variables) {
        static final Surroundings OF_THIS_PROCESS = new Surroundings(System::getProperty, System::getenv);

        Optional<String> property(String name) {
            return Optional.ofNullable(properties.apply(name));
        }

        /** With what its references stand for; one that stands for nothing is left. */
        String resolve(String text) {
            return REFERENCE.matcher(text).replaceAll(found -> {
                String value =
                        found.group(1) == null ? properties.apply(found.group(2)) : variables.apply(found.group(2));
                return Matcher.quoteReplacement(value == null ? found.group() : value);
            });
        }
    }

    private final Surroundings surroundings;

    RecoverySetup(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** What must be otherwise before the server starts for a crash to be survived, a sentence each. */
    List<String> flaws() {
        List<String> flaws = new ArrayList<>();
        service().ifPresent(service -> {
            Path log = log(service);
            if (isTemporary(log)) {
                flaws.add("the server's log of transactions lies in a temporary directory, " + log
                        + ": after a crash it may be gone, and what it says then is that everything is rolled back; set"
                        + " the transaction service's tx-log-dir");
            }
            String name = surroundings.resolve(property(service, "xa-servername"));
            if (name.isBlank() || name.contains("${")) {
                flaws.add("the server's transactions have no name of their own"
                        + (name.isBlank() ? "" : " (" + name + " refers to a variable that is not set)")
                        + ": two servers on machines of one name roll back each other's branches, and one whose machine is"
                        + " renamed does not know its own; set the transaction service's property xa-servername");
            }
        });
        return flaws;
    }

    /** Whether the server does not recover transactions, as it is set now. */
    boolean isOff() {
        return service()
                .filter(service -> !service.getAttribute("automatic-recovery").equals("true"))
                .isPresent();
    }

    private Path log(Element service) {
        Path root = Path.of(surroundings.property("com.sun.aas.instanceRoot").orElse(""));
        String set = surroundings.resolve(service.getAttribute("tx-log-dir"));
        return set.isBlank() ? root.resolve("logs") : root.resolve("logs").resolve(set);
    }

    /** Payara Micro unpacks itself into a temporary directory, wherever that is. */
    private boolean isTemporary(Path log) {
        return List.of("java.io.tmpdir", "fish.payara.micro.tmpdir").stream()
                .flatMap(name -> surroundings.property(name).stream())
                .map(folder -> Path.of(folder).toAbsolutePath().normalize())
                .anyMatch(log.toAbsolutePath().normalize()::startsWith);
    }

    private Optional<Element> service() {
        Optional<Path> file = surroundings
                .property("com.sun.aas.instanceRoot")
                .map(root -> Path.of(root, "config", "domain.xml"))
                .filter(Files::isRegularFile);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            Document domain = read(file.get().toFile());
            String config = named(
                            domain,
                            "server",
                            surroundings.property("com.sun.aas.instanceName").orElse("server"))
                    .map(server -> server.getAttribute("config-ref"))
                    .orElse("server-config");
            return named(domain, "config", config).map(found ->
                    (Element) found.getElementsByTagName("transaction-service").item(0));
        } catch (IOException | SAXException | ParserConfigurationException e) {
            LOG.log(Level.DEBUG, "the server's configuration cannot be read", e);
            return Optional.empty();
        }
    }

    private static Document read(File file) throws IOException, SAXException, ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(file);
    }

    private static Optional<Element> named(Document domain, String tag, String name) {
        return elements(domain.getElementsByTagName(tag)).stream()
                .filter(element -> element.getAttribute("name").equals(name))
                .findFirst();
    }

    private static String property(Element service, String name) {
        return elements(service.getElementsByTagName("property")).stream()
                .filter(element -> element.getAttribute("name").equals(name))
                .map(element -> element.getAttribute("value"))
                .findFirst()
                .orElse("");
    }

    private static List<Element> elements(NodeList nodes) {
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}

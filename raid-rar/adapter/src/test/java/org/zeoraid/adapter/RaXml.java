package org.zeoraid.adapter;

import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The deployment descriptor as it is delivered. */
final class RaXml {

    private RaXml() {}

    static Element root() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(Path.of("../rar/src/main/rar/META-INF/ra.xml").toFile())
                    .getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError("ra.xml cannot be read", e);
        }
    }

    /** The first element of a name at any depth; fails if there is none. */
    static Element element(Element parent, String name) {
        return elements(parent.getElementsByTagName(name), name).findFirst().orElseThrow();
    }

    /** What the first element of a name says; blank if there is none. */
    static String text(Element parent, String name) {
        return elements(parent.getElementsByTagName(name), name)
                .findFirst()
                .map(Element::getTextContent)
                .orElse("");
    }

    /** The properties of the bean that an element describes. */
    static Stream<Element> properties(Element bean) {
        return elements(bean.getChildNodes(), "config-property");
    }

    private static Stream<Element> elements(NodeList nodes, String name) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .filter(node -> node.getNodeName().equals(name))
                .map(Element.class::cast);
    }
}

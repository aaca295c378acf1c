package org.zeoraid.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.zeoraid.config.ArraySection.ClusterMode;
import org.zeoraid.config.member.MemberDefinition;
import org.zeoraid.config.member.MemberKind;
import org.zeoraid.config.member.MemberKinds;
import org.zeoraid.config.member.Place;
import org.zeoraid.config.schema.Findings;
import org.zeoraid.config.schema.Section;
import org.zeoraid.config.syntax.ConfigurationException;

/** Makes arrays of sections that have been read, and tells of what does not fit together. */
final class ArrayReader {

    /** What ZEO calls a storage without a name. */
    private static final String NAMELESS = "1";

    private static final String RESERVED = "administration";

    private final MemberKinds kinds;
    private final Findings findings;

    /** An array with the folders that are its own. */
    private record Placed(ArrayDefinition array, List<Place> own, List<Place> members) {}

    ArrayReader(MemberKinds kinds, Findings findings) {
        this.kinds = kinds;
        this.findings = findings;
    }

    /** All arrays of a configuration; what is found wrong is among the findings. */
    List<ArrayDefinition> read(Section root) {
        List<Placed> arrays = new ArrayList<>();
        Optional<Section> nameless = Optional.empty();
        for (Section section : root.sections()) {
            if (!section.type().type().equals(ArraySection.TYPE)) {
                continue;
            }
            if (section.name().isEmpty() && nameless.isPresent()) {
                findings.problem(
                        section.position(),
                        "a second <raidstorage> without a name, after that of "
                                + nameless.get().position() + "; expected '<raidstorage NAME>'");
                continue;
            }
            nameless = section.name().isEmpty() ? Optional.of(section) : nameless;
            array(section).ifPresent(array -> add(array, arrays));
        }
        if (arrays.isEmpty() && !findings.hasProblems()) {
            findings.problem(
                    root.position(),
                    "there is no array; expected at least one '<raidstorage NAME>' with members in it");
        }
        return arrays.stream().map(Placed::array).toList();
    }

    private void add(Placed placed, List<Placed> arrays) {
        for (Placed other : arrays) {
            if (other.array().name().equals(placed.array().name())) {
                findings.problem(
                        placed.array().position(),
                        "the array of " + other.array().position() + " is called "
                                + placed.array().name()
                                + " too; give one of them another name (an array without a name is called " + NAMELESS
                                + ")");
            }
            Places.keepApart(other.members(), placed.members(), findings);
            for (MemberDefinition earlier : other.array().members()) {
                placed.array().members().forEach(member -> Remotes.keepApart(earlier, member, findings));
            }
            Places.keepApart(other.own(), placed.own(), findings);
            Places.keepOut(other.members(), placed.own(), findings);
            Places.keepOut(placed.members(), other.own(), findings);
        }
        arrays.add(placed);
    }

    private Optional<Placed> array(Section section) {
        if (section.name().isPresent() && !Names.fits(section, findings)) {
            return Optional.empty();
        }
        String name = section.name().orElse(NAMELESS);
        if (name.equals(RESERVED)) {
            findings.problem(
                    section.position(),
                    "no array can be called '" + name + "': raid/" + name
                            + " is the JNDI name of what administers all of them; expected another name");
        }
        if (section.value(ArraySection.CLUSTER_MODE) == ClusterMode.COOP) {
            findings.problem(
                    section.positionOf(ArraySection.CLUSTER_MODE),
                    "this version does not have 'cluster-mode coop', several servers over the same members, and two servers"
                            + " that both write would spoil them; expected 'cluster-mode single' here, and no other server"
                            + " running over these members");
        }
        List<MemberDefinition> members = members(section);
        if (members.isEmpty()) {
            if (section.sections().isEmpty()) {
                findings.problem(
                        section.position(),
                        section.title() + " has no member; expected at least one of "
                                + kinds.all().stream()
                                        .map(kind -> "<" + kind.section().type() + " NAME>")
                                        .collect(Collectors.joining(", "))
                                + " in it");
            }
            return Optional.empty();
        }
        if (members.size() == 1) {
            findings.notice(
                    members.get(0).position(),
                    members.get(0).title() + " is the only member of " + section.title() + ": nothing is kept twice");
        }
        ArrayDefinition array = definition(name, section, members);
        Placed placed = new Placed(array, ownPlaces(array, section), membersPlaces(array));
        Places.keepOut(placed.members(), placed.own(), findings);
        return Optional.of(placed);
    }

    private ArrayDefinition definition(String name, Section section, List<MemberDefinition> members) {
        Path state = section.find(ArraySection.STATE_DIR)
                .orElseGet(() -> section.folder().resolve(name + ".state"));
        return new ArrayDefinition(
                name,
                section.position(),
                members,
                state,
                section.find(ArraySection.BLOB_DIR).orElseGet(() -> state.resolve("blobs")),
                section.value(ArraySection.SHARED_BLOB_DIR)
                        ? ArrayDefinition.BlobSharing.SHARED
                        : ArrayDefinition.BlobSharing.SENT,
                section.value(ArraySection.FAIL_MODE),
                section.value(ArraySection.READ_ONLY),
                ArraySection.options(section));
    }

    private List<MemberDefinition> members(Section array) {
        List<MemberDefinition> members = new ArrayList<>();
        for (Section section : array.sections()) {
            if (!Names.fits(section, findings)) {
                continue;
            }
            MemberKind kind = kinds.of(section.type().type()).orElseThrow();
            try {
                MemberDefinition member = kind.define(section.name().orElseThrow(), section);
                for (MemberDefinition earlier : members) {
                    Places.keepApart(earlier.places(), member.places(), findings);
                    Remotes.keepApart(earlier, member, findings);
                }
                refuseReadOnly(member, array);
                members.add(member);
            } catch (ConfigurationException e) {
                e.problems().forEach(problem -> findings.problem(problem.position(), problem.text()));
            }
        }
        return members;
    }

    private void refuseReadOnly(MemberDefinition member, Section array) {
        if (member.access() == MemberDefinition.Access.READ_ONLY && !array.value(ArraySection.READ_ONLY)) {
            findings.problem(
                    member.position(),
                    member.title() + " is read-only, and " + array.title()
                            + " writes to all its members; set 'read-only on' for the array, or take it out of the member");
        }
    }

    private static List<Place> membersPlaces(ArrayDefinition array) {
        return array.members().stream()
                .flatMap(member -> member.places().stream())
                .toList();
    }

    private static List<Place> ownPlaces(ArrayDefinition array, Section section) {
        return List.of(
                new Place(
                        array.stateFolder(),
                        Place.Extent.TREE,
                        "the state-dir of " + section.title(),
                        section.positionOf(ArraySection.STATE_DIR)),
                new Place(
                        array.blobFolder(),
                        Place.Extent.TREE,
                        "the blob-dir of " + section.title(),
                        section.positionOf(ArraySection.BLOB_DIR)));
    }
}

package import ControlLoop
package import KubernetesCore

/// A root object of the tests: it wants `parts` parts.
package struct Gadget: KubeObject, Equatable {
    package static let type = ResourceType(
        group: "test.dev", version: "v1", kind: "Gadget", plural: "gadgets")
    package var metadata: ObjectMeta
    package var parts: Int
    package var status: JSONValue

    package init(
        _ name: String, uid: String? = nil, version: Int = 1, parts: Int = 0,
        status: JSONValue = [:], generation: Int = 1
    ) {
        metadata = ObjectMeta(
            name: name, namespace: "ns", uid: UID(uid ?? "uid-" + name),
            resourceVersion: ResourceVersion(String(version)), generation: generation)
        self.parts = parts
        self.status = status
    }

    package init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
        parts = try node["spec"]?["parts"]?.integer() ?? 0
        status = node["status"]?.value() ?? [:]
    }
}

/// A part, owned by a gadget.
package struct Part: KubeObject, IndexedObject, Equatable {
    package static let type = ResourceType(
        group: "test.dev", version: "v1", kind: "Part", plural: "parts")
    package static let byColour = Index<Part>("colour") { [$0.colour] }
    package static let indexes = [byColour]
    package var metadata: ObjectMeta
    package var colour: String

    package init(
        _ name: String, of owner: Gadget? = nil, version: Int = 1, colour: String = "red"
    ) {
        metadata = ObjectMeta(
            name: name, namespace: "ns", uid: UID("uid-" + name),
            resourceVersion: ResourceVersion(String(version)),
            owners: owner.map { [$0.asController] } ?? [])
        self.colour = colour
    }

    package init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
        colour = try node["colour"]?.string() ?? ""
    }
}

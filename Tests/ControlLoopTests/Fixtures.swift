import ControlLoop
import KubernetesCore

/// A root object of the tests: it wants `parts` parts.
struct Gadget: KubeObject, Equatable {
    static let type = ResourceType(
        group: "test.dev", version: "v1", kind: "Gadget", plural: "gadgets")
    var metadata: ObjectMeta
    var parts: Int
    var status: JSONValue

    init(
        _ name: String, uid: String? = nil, version: Int = 1, parts: Int = 0,
        status: JSONValue = [:], generation: Int = 1
    ) {
        metadata = ObjectMeta(
            name: name, namespace: "ns", uid: UID(uid ?? "uid-" + name),
            resourceVersion: ResourceVersion(String(version)), generation: generation)
        self.parts = parts
        self.status = status
    }

    init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
        parts = try node["parts"]?.integer() ?? 0
        status = node["status"]?.value() ?? [:]
    }
}

/// A part, owned by a gadget.
struct Part: KubeObject, IndexedObject, Equatable {
    static let type = ResourceType(group: "test.dev", version: "v1", kind: "Part", plural: "parts")
    static let byColour = Index<Part>("colour") { [$0.colour] }
    static let indexes = [byColour]
    var metadata: ObjectMeta
    var colour: String

    init(_ name: String, of owner: Gadget? = nil, version: Int = 1, colour: String = "red") {
        metadata = ObjectMeta(
            name: name, namespace: "ns", uid: UID("uid-" + name),
            resourceVersion: ResourceVersion(String(version)),
            owners: owner.map { [$0.asController] } ?? [])
        self.colour = colour
    }

    init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
        colour = try node["colour"]?.string() ?? ""
    }
}

extension Key {
    init(_ name: String) { self.init(namespace: "ns", name: name) }
}

extension Instant {
    static func at(_ seconds: Double) -> Instant {
        Instant(nanoseconds: Int64(seconds * 1e9))
    }
}

extension Moment {
    /// The steady clock starts at 0, the wall clock at 2026-01-01.
    static func at(_ seconds: Double) -> Moment {
        Moment(instant: .at(seconds), time: .at(seconds))
    }
}

extension Timestamp {
    static func at(_ seconds: Double) -> Timestamp {
        Timestamp(nanoseconds: 1_767_225_600_000_000_000 + Int64(seconds * 1e9))
    }
}

extension SeededGenerator {
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
    mutating func chance(_ share: Double) -> Bool { fraction() < share }
}

extension [MachineCommand] {
    var plans: [(plan: Plan, token: PlanToken, root: ObjectRef)] {
        compactMap {
            if case .apply(let plan, let token, let root) = $0 { (plan, token, root) } else { nil }
        }
    }
    var wake: Instant? {
        compactMap { if case .wake(let at) = $0 { at } else { nil } }.last
    }
}

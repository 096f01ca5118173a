public import KubernetesCore

/// A JSON schema that a task's input or result must satisfy, read once and held ready.
///
/// The keywords are those of OpenAPI v3 as custom resource definitions use them. What is no schema
/// accepts nothing, and says why in `fault`.
public struct TaskContract: Hashable, Sendable {
    /// The largest schema that is read, in bytes of its text.
    public static let bytesMax = 65_536

    /// The schema as it was given.
    public let json: JSONValue
    /// Why it is no schema; nil where it is one.
    public let fault: String?
    private let schema: StructuralSchema

    /// The contract of a schema; see `fault` for what is none.
    public init(_ json: JSONValue) {
        self.json = json
        guard json.text.utf8.count <= TaskContract.bytesMax else {
            schema = StructuralSchema()
            fault = "the schema has more than \(TaskContract.bytesMax) bytes"
            return
        }
        do {
            schema = try StructuralSchema(reading: json)
            fault = nil
        } catch {
            schema = StructuralSchema()
            fault = "\(error)"
        }
    }

    /// What is wrong with `value` by this contract, as a sentence without its end that begins with
    /// the place, as in `input.files: Required value`; nil where it is fulfilled. An absent value
    /// counts as null.
    public func breach(of value: JSONValue?, at root: String) -> String? {
        if let fault { return "\(root): the contract is no schema: \(fault)" }
        guard let error = schema.validate(value ?? .null).first else { return nil }
        let place = error.path == "<nil>" || error.path.isEmpty ? "" : error.path
        let dotted = place.hasPrefix(".") || place.hasPrefix("[") || place.isEmpty
        return root + (dotted ? place : "." + place) + ": " + error.body
    }

    /// Two contracts are the same where their schemas are written the same.
    public static func == (left: TaskContract, right: TaskContract) -> Bool {
        left.json == right.json
    }

    /// Hashes the schema as it is written.
    public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

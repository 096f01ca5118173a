/// Why a JSON value is no schema.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the schema, as in `properties[spec].items`.
    public let path: String
    /// What is wrong there.
    public let message: String

    init(_ path: FieldPath, _ message: String) {
        self.path = path.text
        self.message = message
    }

    /// The place and what is wrong there.
    public var description: String { path.isEmpty ? message : path + ": " + message }
}

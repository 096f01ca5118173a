/// A place in an object as Kubernetes messages write it: `spec.parts[0].name`,
/// `metadata.labels[a]`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    /// The path as text; empty for the object itself.
    public let text: String

    /// The path that `text` spells.
    public init(_ text: String) { self.text = text }

    /// The object itself.
    public static let root = FieldPath("")

    /// The text; `<nil>` for the object itself, as the API server prints it in errors.
    public var description: String { text.isEmpty ? "<nil>" : text }

    /// The member `name` below.
    public func child(_ name: String) -> FieldPath {
        FieldPath(text.isEmpty ? name : text + "." + name)
    }

    /// The element `index` below.
    public subscript(_ index: Int) -> FieldPath { FieldPath(text + "[\(index)]") }

    /// The entry `key` of a map below, as in `metadata.labels[key]`.
    public func key(_ key: String) -> FieldPath { FieldPath(text + "[" + key + "]") }
}

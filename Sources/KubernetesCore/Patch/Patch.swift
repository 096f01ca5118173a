/// A change to an object in one of the forms that the API takes; server-side apply is apart.
public enum Patch: Sendable, Equatable {
    /// RFC 7386.
    case merge(JSONValue)
    /// RFC 6902.
    case json(JSONPatch)
    /// The merge patch that knows the lists of built-in kinds.
    case strategic(JSONValue)

    /// Reads the patch of a request by its media type, which has no parameters; nil where the type
    /// is of no patch.
    public init?(mediaType: String, body: JSONValue) throws(PatchError) {
        switch mediaType {
        case "application/merge-patch+json": self = .merge(body)
        case "application/json-patch+json": self = .json(try JSONPatch(reading: body))
        case "application/strategic-merge-patch+json": self = .strategic(body)
        default: return nil
        }
    }

    /// `value` after the change; `shape` tells which lists a strategic patch merges.
    public func applied(to value: JSONValue, shape: TypeShape) throws(PatchError) -> JSONValue {
        switch self {
        case .merge(let patch): return MergePatch.apply(patch, to: value)
        case .json(let patch): return try patch.applied(to: value)
        case .strategic(let patch):
            return try StrategicMergePatch.apply(patch, to: value, shape: shape)
        }
    }
}

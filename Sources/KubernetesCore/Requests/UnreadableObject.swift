/// An object in a list or a watch that does not fit its projection. It is reported and passed over,
/// so that one broken object never stops the others.
public struct UnreadableObject: Error, Hashable, Sendable, CustomStringConvertible {
    /// In what an unreadable object was found.
    public enum Place: String, Hashable, Sendable {
        case listed, added, modified, deleted
    }

    /// The kind that was expected.
    public let type: ResourceType
    /// In what it was found.
    public let place: Place
    /// Its namespace as far as it could be read; else empty.
    public let namespace: String
    /// Its name as far as it could be read; else empty.
    public let name: String
    /// Its version as far as it could be read.
    public let resourceVersion: ResourceVersion
    /// What is wrong with it.
    public let error: JSONError

    /// An unreadable object by all its parts.
    public init(
        type: ResourceType, place: Place, namespace: String, name: String,
        resourceVersion: ResourceVersion, error: JSONError
    ) {
        self.type = type
        self.place = place
        self.namespace = namespace
        self.name = name
        self.resourceVersion = resourceVersion
        self.error = error
    }

    /// What `node`, which should be an object of `type`, still tells of itself.
    init(_ node: JSONNode, of type: ResourceType, _ place: Place, _ error: JSONError) {
        let metadata = node["metadata"]
        self.init(
            type: type, place: place,
            namespace: (try? metadata?["namespace"]?.string()) ?? "",
            name: (try? metadata?["name"]?.string()) ?? "",
            resourceVersion: ResourceVersion(
                (try? metadata?["resourceVersion"]?.string()) ?? ""),
            error: error)
    }

    /// The object and what is wrong with it.
    public var description: String {
        let path = namespace.isEmpty ? name : namespace + "/" + name
        let object = path.isEmpty ? "an unnamed \(type.kind)" : "\(type.kind) \(path)"
        return "\(object) (\(place.rawValue)) cannot be read: \(error)"
    }
}

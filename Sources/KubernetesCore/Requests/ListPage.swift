/// What a server answers to a request for a list: all of it, or as much as was asked for at once.
public struct ListPage<Object: KubeObject>: Sendable, Equatable {
    /// The objects that could be read, in the server's order.
    public let items: [Object]
    /// The objects that could not.
    public let unreadable: [UnreadableObject]
    /// The version of the history that the list shows; the same on every page.
    public let resourceVersion: ResourceVersion
    /// What asks for the next page; `nil` on the last one.
    public let continueToken: String?

    /// A page by all its parts.
    public init(
        items: [Object], unreadable: [UnreadableObject] = [], resourceVersion: ResourceVersion,
        continueToken: String? = nil
    ) {
        self.items = items
        self.unreadable = unreadable
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
    }

    /// Most bytes of one page. Pages are asked for in portions, so that this is far away.
    public static var bytesMax: Int { 256 << 20 }

    /// Reads the body of an answer. Fails only where the list itself is none: a list without
    /// `items` is an error and never an empty list.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        let limits = ObjectReading.limits(bytesMax: Self.bytesMax)
        let root = try JSONDocument(parsing: bytes, limits: limits).root
        let kind = try root.required("kind").string()
        guard kind == Object.type.kind + "List" || kind == "List" else {
            throw JSONError(
                .mismatch, at: "kind",
                "expected \(Object.type.kind)List, found \(kind.prefix(64))")
        }
        let metadata = try root.required("metadata")
        resourceVersion = ResourceVersion(try metadata["resourceVersion"]?.string() ?? "")
        let token = try metadata["continue"]?.string() ?? ""
        continueToken = token.isEmpty ? nil : token
        // Go writes an empty list as `null` where the server built it from nothing.
        let isEmpty = root.members.contains { $0.key == "items" && $0.value.isNull }
        var items: [Object] = []
        var unreadable: [UnreadableObject] = []
        let nodes = isEmpty ? [] : try root.required("items").elements
        items.reserveCapacity(nodes.count)
        for node in nodes {
            do throws(JSONError) {
                items.append(try ObjectReading.read(node))
            } catch {
                unreadable.append(UnreadableObject(node, of: Object.type, .listed, error))
            }
        }
        self.items = items
        self.unreadable = unreadable
    }
}

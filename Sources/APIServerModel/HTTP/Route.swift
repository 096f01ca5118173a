/// What a path names, before it is known whether that exists.
struct ResourcePath: Sendable, Equatable {
    var group: String
    var version: String
    var namespace: String
    var resource: String
    var name: String
    var subresource: String
    /// Whether the path is of the old form `/api/v1/watch/…`, in which every read is a watch.
    var isWatch = false

    /// Reads `/api/v1/…` and `/apis/group/version/…`; nil where the path names no resource.
    init?(segments: [String]) {
        var rest = segments[...]
        switch rest.popFirst() {
        case "api": group = ""
        case "apis":
            guard let name = rest.popFirst() else { return nil }
            group = name
        default: return nil
        }
        guard let version = rest.popFirst() else { return nil }
        self.version = version
        if rest.first == "watch", rest.count > 1 {
            isWatch = true
            rest = rest.dropFirst()
        }
        guard let first = rest.first else { return nil }
        namespace = ""
        if first == "namespaces", rest.count >= 2 {
            let parts = Array(rest)
            // The namespace object itself, or one of its own subresources.
            let own =
                parts.count == 2 || (parts.count == 3 && ["status", "finalize"].contains(parts[2]))
            if own {
                self.resource = "namespaces"
                name = parts[1]
                namespace = parts[1]
                subresource = parts.count == 3 ? parts[2] : ""
                return
            }
            namespace = parts[1]
            rest = rest.dropFirst(2)
        }
        resource = rest.popFirst() ?? ""
        name = rest.popFirst() ?? ""
        subresource = rest.joined(separator: "/")
    }

    var groupResource: GroupResource { GroupResource(group: group, resource: resource) }

    var groupVersion: String { group.isEmpty ? version : group + "/" + version }
}

public import KubernetesCore

/// Objects that stand in for a cluster: the `context.yaml` of Kyverno's command line.
public struct OfflineCluster: Sendable {
    private var objects: [JSONValue] = []
    private var images: [String: JSONValue] = [:]
    private var globals: [String: JSONValue] = [:]

    /// A cluster with nothing in it.
    public init() {}

    /// Adds objects, as they are.
    public mutating func add(_ objects: [JSONValue]) { self.objects += objects }

    /// Reads a `context.yaml`, found at `source`: `spec.resources` and `spec.images`. Unknown
    /// fields are refused.
    public mutating func read(_ value: JSONValue, source: String) throws(PolicyProblem) {
        let place = PolicyPlace(source: source, policy: value["metadata"]?["name"]?.string ?? "")
        let root = try Fields(
            value, at: "", in: place, known: ["apiVersion", "kind", "metadata", "spec"])
        guard
            let spec = try root.fields(
                "spec", known: ["resources", "images", "globalContextEntries"])
        else { return }
        objects += try spec.list("resources")
        for (index, image) in try spec.list("images").enumerated() {
            guard let name = image["image"]?.string else {
                throw place.problem("spec.images[\(index)].image", "must be given")
            }
            images[name] = image
        }
        for (index, entry) in try spec.list("globalContextEntries").enumerated() {
            guard let name = entry["name"]?.string, let data = entry["data"] else {
                throw place.problem(
                    "spec.globalContextEntries[\(index)]", "must have name and data")
            }
            globals[name] = data
        }
    }

    /// What the cluster says.
    public func answer(_ lookup: PolicySurroundings.Lookup) -> PolicySurroundings.Answer {
        switch lookup {
        case .configMap(let namespace, let name):
            return found {
                $0.type == "v1/ConfigMap" && $0.namespace == namespace && $0.name == name
            }
        case .object(let apiVersion, let kind, let namespace, let name):
            return found {
                $0.type == apiVersion + "/" + kind && $0.namespace == namespace && $0.name == name
            }
        case .objects(let apiVersion, let kind, let namespace, let selector):
            let list = objects.filter { object in
                let names = Names(object)
                let labels = object["metadata"]?["labels"]?.object ?? JSONObject()
                return names.type == apiVersion + "/" + kind
                    && (namespace.isEmpty || names.namespace == namespace)
                    && selector.matches(labels)
            }
            return .found(["items": .array(list)])
        case .apiCall(let path): return call(path)
        case .globalContext(let name): return globals[name].map { .found($0) } ?? .notFound
        case .image(let reference):
            return images[reference].map { .found($0) }
                ?? .unavailable("no registry to look the image up in")
        case .access: return .unavailable("no cluster to ask who may do what")
        }
    }

    /// How an object is named.
    private struct Names {
        let type: String
        let namespace: String
        let name: String

        init(_ object: JSONValue) {
            type = (object["apiVersion"]?.string ?? "") + "/" + (object["kind"]?.string ?? "")
            namespace = object["metadata"]?["namespace"]?.string ?? ""
            name = object["metadata"]?["name"]?.string ?? ""
        }
    }

    private func found(_ isMeant: (Names) -> Bool) -> PolicySurroundings.Answer {
        objects.first { isMeant(Names($0)) }.map { .found($0) } ?? .notFound
    }

    /// A GET of a collection or of one object. Paths of resources that none of the objects is of
    /// have no answer: nothing is known about them.
    private func call(_ path: String) -> PolicySurroundings.Answer {
        var parts = path.split(separator: "?").first?.split(separator: "/").map(String.init) ?? []
        guard parts.count >= 3 else { return .unavailable("no cluster to read \(path) from") }
        let version: String
        if parts[0] == "api" {
            version = parts[1]
            parts.removeFirst(2)
        } else {
            version = parts[1] + "/" + parts[2]
            parts.removeFirst(3)
        }
        var namespace = ""
        if parts.first == "namespaces", parts.count > 2 {
            namespace = parts[1]
            parts.removeFirst(2)
        }
        guard let plural = parts.first else {
            return .unavailable("no cluster to read \(path) from")
        }
        let known = objects.filter { object in
            object["apiVersion"]?.string == version
                && KindNames.plural(of: object["kind"]?.string ?? "") == plural
        }
        guard !known.isEmpty else { return .unavailable("no cluster to read \(path) from") }
        let listed = known.filter { namespace.isEmpty || Names($0).namespace == namespace }
        if parts.count > 1 {
            return listed.first { Names($0).name == parts[1] }.map { .found($0) } ?? .notFound
        }
        return .found(["items": .array(listed)])
    }
}

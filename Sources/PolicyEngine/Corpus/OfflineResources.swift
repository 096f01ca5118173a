public import KubernetesCore

/// Objects from manifests, made ready to be judged without a cluster.
public struct OfflineResources: Sendable {
    /// One object and where it comes from.
    public struct Resource: Sendable {
        /// Its type.
        public let type: ResourceType
        /// The object, with a namespace where its kind has one.
        public let object: JSONValue
        /// Which of the documents it was, counted from 0.
        public let document: Int
    }

    /// The objects in the order of the documents; of several of a kind and name the first.
    public let resources: [Resource]
    /// What could not be taken as an object, and why.
    public let problems: [String]

    /// Reads documents of manifests; lists are taken apart.
    public init(_ documents: [JSONValue]) {
        var resources: [Resource] = []
        var problems: [String] = []
        var seen: Set<[String]> = []
        for (index, document) in documents.enumerated() {
            let isList = (document["kind"]?.string ?? "").hasSuffix("List")
            let objects = isList ? document["items"]?.array ?? [document] : [document]
            for object in objects {
                guard let type = KindNames.type(of: object) else {
                    problems.append("document \(index + 1) has no apiVersion and kind")
                    continue
                }
                let prepared = OfflineResources.prepared(object, type)
                let metadata = prepared["metadata"]
                let key = [
                    type.group, type.kind, metadata?["namespace"]?.string ?? "",
                    metadata?["name"]?.string ?? "",
                ]
                guard seen.insert(key).inserted else { continue }
                resources.append(Resource(type: type, object: prepared, document: index))
            }
        }
        self.resources = resources
        self.problems = problems
    }

    private static let namedMaps: Set<String> = [
        "annotations", "labels", "matchLabels", "nodeSelector", "data", "stringData",
    ]

    private static func prepared(_ object: JSONValue, _ type: ResourceType) -> JSONValue {
        var result = filled(object)
        if type.scope == .namespaced, (result["metadata"]?["namespace"]?.string ?? "").isEmpty {
            result[path: ["metadata", "namespace"]] = "default"
        }
        return result
    }

    /// The value with empty maps in place of `null` where Kubernetes has maps.
    private static func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(filled))
        case .object(let members):
            return .object(
                JSONObject(
                    members.map { key, value in
                        let isMap = value.isNull && namedMaps.contains(key)
                        return (key, isMap ? .object(JSONObject()) : filled(value))
                    }))
        default: return value
        }
    }
}

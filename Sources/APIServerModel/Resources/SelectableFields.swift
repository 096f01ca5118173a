/// Which fields field selectors may name, and where the objects have them.
enum SelectableFields {
    private static let table: [GroupResource: [String: [String]]] = [
        .pods: paths([
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
            "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
            "status.nominatedNodeName",
        ]),
        .nodes: paths(["spec.unschedulable"]),
        .namespaces: paths(["status.phase"]).merging(["name": ["metadata", "name"]]) { $1 },
        .secrets: paths(["type"]),
        .services: paths(["spec.clusterIP", "spec.type"]),
        .events: paths([
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
            "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
            "involvedObject.fieldPath", "reason", "reportingComponent", "type",
        ]).merging(
            ["source": ["source", "component"]].merging(eventAliases) { $1 }
        ) { $1 },
    ]

    private static let eventAliases: [String: [String]] = [
        "regarding.kind": ["involvedObject", "kind"],
        "regarding.namespace": ["involvedObject", "namespace"],
        "regarding.name": ["involvedObject", "name"],
        "regarding.uid": ["involvedObject", "uid"],
        "regarding.apiVersion": ["involvedObject", "apiVersion"],
        "regarding.fieldPath": ["involvedObject", "fieldPath"],
        "reportingController": ["reportingComponent"],
    ]

    private static func paths(_ names: [String]) -> [String: [String]] {
        Dictionary(
            names.map { ($0, $0.split(separator: ".").map(String.init)) },
            uniquingKeysWith: { $1 })
    }

    /// Where an object has the field `label`.
    static func path(
        _ label: String, of definition: ResourceDefinition, _ version: ServedVersion
    ) throws(Failure) -> [String] {
        if label == "metadata.name" { return ["metadata", "name"] }
        if label == "metadata.namespace" { return ["metadata", "namespace"] }
        if let custom = version.custom {
            let path = label.split(separator: ".").map(String.init)
            if custom.selectableFields.contains(path) { return path }
            throw .badRequest("field label not supported: \(label)")
        }
        guard let known = table[definition.storage] else {
            throw .badRequest(
                "\"\(label)\" is not a known field selector: only \"metadata.name\", "
                    + "\"metadata.namespace\"")
        }
        guard let path = known[label] else {
            throw .badRequest("field label not supported: \(label)")
        }
        return path
    }
}

import KubernetesCore

/// What the API server fills in on custom resource definitions.
enum DefinitionDefaults {
    static func apply(to definition: inout JSONValue) {
        guard var names = definition[path: ["spec", "names"]] else { return }
        let kind = names["kind"]?.string ?? ""
        if (names["singular"]?.string ?? "").isEmpty {
            names["singular"] = .string(kind.lowercased())
        }
        if (names["listKind"]?.string ?? "").isEmpty { names["listKind"] = .string(kind + "List") }
        definition[path: ["spec", "names"]] = names
        if definition[path: ["spec", "conversion"]] == nil {
            definition[path: ["spec", "conversion"]] = ["strategy": "None"]
        }
    }
}

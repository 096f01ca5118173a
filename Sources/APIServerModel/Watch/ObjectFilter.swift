import KubernetesCore

/// Which objects of a resource a request is about.
struct ObjectFilter: Sendable {
    /// Empty for all namespaces.
    var namespace = ""
    /// Empty for all names.
    var name = ""
    var labels: LabelSelector?
    /// Terms on fields: path, whether it must be equal, value.
    var fields: [FieldTerm] = []

    struct FieldTerm: Sendable {
        var path: [String]
        var isEqual: Bool
        var value: String
    }

    /// Whether every object of the namespace is meant, so that what remains can be counted.
    var isWholeCollection: Bool { name.isEmpty && labels == nil && fields.isEmpty }

    func matches(_ object: StoredObject) -> Bool {
        if !namespace.isEmpty, object.namespace != namespace { return false }
        if !name.isEmpty, object.name != name { return false }
        if let labels, !labels.matches(object.labels) { return false }
        return fields.allSatisfy { term in
            (ObjectFilter.text(object.value[path: term.path]) == term.value) == term.isEqual
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case .none, .null: ""
        case .string(let text): text
        case .some(let other): other.text
        }
    }
}

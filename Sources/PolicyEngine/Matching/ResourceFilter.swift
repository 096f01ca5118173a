import KubernetesCore

/// Which objects a filter of a rule means. Every attribute that is given must hold; inside an
/// attribute one of its values is enough.
struct ResourceFilter: Sendable {
    private let kinds: [KindSelector]
    private let names: [Wildcard]
    private let namespaces: [Wildcard]
    private let annotations: [(Wildcard, Wildcard)]
    private let selector: WildcardSelector?
    private let namespaceSelector: WildcardSelector?
    private let operations: [PolicyRequest.Operation]

    static let known: Set<String> = [
        "kinds", "name", "names", "namespaces", "annotations", "selector", "namespaceSelector",
        "operations",
    ]
    private static let selectorFields: Set<String> = ["matchLabels", "matchExpressions"]

    /// Reads `resources` of a filter.
    init(_ fields: Fields) throws(PolicyProblem) {
        var kinds: [KindSelector] = []
        for (index, text) in try fields.strings("kinds").enumerated() {
            guard let kind = KindSelector(text) else {
                throw fields.place.problem(
                    "\(fields.child("kinds"))[\(index)]", "\"\(text)\" names no kind")
            }
            kinds.append(kind)
        }
        self.kinds = kinds
        var names: [Wildcard] = []
        if let name = try fields.string("name"), !name.isEmpty { names.append(Wildcard(name)) }
        let several = try fields.strings("names").map(Wildcard.init)
        guard names.isEmpty || several.isEmpty else {
            throw fields.problem("names", "must not be given together with name")
        }
        self.names = names + several
        namespaces = try fields.strings("namespaces").map(Wildcard.init)
        annotations = try fields.stringMap("annotations").map {
            (Wildcard($0.0), Wildcard($0.1))
        }
        let selector = try fields.fields("selector", known: ResourceFilter.selectorFields)
        self.selector = try ResourceFilter.read(selector)
        let namespaceSelector = try fields.fields(
            "namespaceSelector", known: ResourceFilter.selectorFields)
        self.namespaceSelector = try ResourceFilter.read(namespaceSelector)
        var operations: [PolicyRequest.Operation] = []
        for (index, text) in try fields.strings("operations").enumerated() {
            guard let operation = PolicyRequest.Operation(rawValue: text) else {
                throw fields.place.problem(
                    "\(fields.child("operations"))[\(index)]",
                    "\"\(text)\" is none of: CREATE, UPDATE, DELETE, CONNECT")
            }
            operations.append(operation)
        }
        self.operations = operations
    }

    private static func read(_ fields: Fields?) throws(PolicyProblem) -> WildcardSelector? {
        guard let fields else { return nil }
        return try WildcardSelector(fields)
    }

    /// Whether nothing is asked for, which means no object at all.
    var isEmpty: Bool {
        kinds.isEmpty && names.isEmpty && namespaces.isEmpty && annotations.isEmpty
            && selector == nil && namespaceSelector == nil && operations.isEmpty
    }

    /// Whether the object is meant.
    func matches(_ subject: MatchSubject) -> Bool {
        if !operations.isEmpty, !operations.contains(subject.operation) { return false }
        if !kinds.isEmpty, !kinds.contains(where: { matches($0, subject) }) { return false }
        if !names.isEmpty, !names.contains(where: { $0.matches(subject.name) }) { return false }
        if !namespaces.isEmpty {
            let namespace = subject.isNamespace ? subject.name : subject.namespace
            guard namespaces.contains(where: { $0.matches(namespace) }) else { return false }
        }
        for (key, value) in annotations {
            let isMet = subject.annotations.contains {
                key.matches($0.0) && value.matches($0.1.string ?? "")
            }
            guard isMet else { return false }
        }
        if let selector, !selector.matches(subject.labels) { return false }
        if let namespaceSelector {
            guard !subject.isNamespace, namespaceSelector.matches(subject.namespaceLabels) else {
                return false
            }
        }
        return true
    }

    private func matches(_ kind: KindSelector, _ subject: MatchSubject) -> Bool {
        kind.matches(subject.group, subject.version, subject.kind, subject.subresource)
    }
}

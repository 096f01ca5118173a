import KubernetesCore

/// What the server serves at the moment: the built-in resources and those that custom resource
/// definitions add.
struct ResourceRegistry: Sendable {
    private(set) var definitions: [GroupResource: ResourceDefinition] = [:]
    /// All definitions in order of group and name.
    private(set) var sorted: [ResourceDefinition] = []
    /// The groups and, in their order of preference, their versions; the core group first.
    private(set) var groups: [(name: String, versions: [String])] = []
    private var groupNames: Set<String> = []
    /// Counts changes, so that clients see whether what is derived from the registry is old.
    private(set) var generation = 0

    init() {
        for definition in BuiltInResources.all { definitions[definition.resource] = definition }
        derive()
    }

    subscript(_ resource: GroupResource) -> ResourceDefinition? { definitions[resource] }

    mutating func set(_ definition: ResourceDefinition) {
        definitions[definition.resource] = definition
        derive()
    }

    mutating func remove(_ resource: GroupResource) {
        definitions[resource] = nil
        derive()
    }

    func hasGroup(_ name: String) -> Bool { groupNames.contains(name) }

    private mutating func derive() {
        generation += 1
        sorted = definitions.values.sorted { $0.resource < $1.resource }
        var versions: [String: [String]] = [:]
        for definition in sorted {
            for version in definition.versions where version.isServed {
                if versions[definition.group, default: []].contains(version.name) { continue }
                versions[definition.group, default: []].append(version.name)
            }
        }
        groups = versions.sorted { $0.key < $1.key }.map { entry in
            (entry.key, entry.value.sorted(by: ResourceRegistry.isPreferred))
        }
        groupNames = Set(versions.keys)
    }

    /// The definitions of one group and version.
    func definitions(group: String, version: String) -> [ResourceDefinition] {
        sorted.filter { $0.group == group && $0.version(version) != nil }
    }

    /// The definition of a kind, as owner references name it.
    func definition(apiVersion: String, kind: String) -> ResourceDefinition? {
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        let group = parts.count == 2 ? String(parts[0]) : ""
        return sorted.first { $0.group == group && $0.kind == kind }
    }

    /// Stable versions first, then beta, then alpha; of each the newer first.
    static func isPreferred(_ left: String, _ right: String) -> Bool {
        let ranks = (rank(left), rank(right))
        if let first = ranks.0, let second = ranks.1 {
            return first.lexicographicallyPrecedes(second)
        }
        if ranks.0 != nil || ranks.1 != nil { return ranks.0 != nil }
        return left < right
    }

    /// The order of a version such as `v1beta2`; nil where the name follows no rule.
    private static func rank(_ version: String) -> [Int]? {
        guard version.first == "v" else { return nil }
        var rest = version.dropFirst()
        let major = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(major.count)
        guard let number = Int(major), number > 0 else { return nil }
        if rest.isEmpty { return [0, -number, 0] }
        for (stage, word) in [(1, "beta"), (2, "alpha")] where rest.hasPrefix(word) {
            guard let minor = Int(rest.dropFirst(word.count)) else { return nil }
            return [stage, -number, -minor]
        }
        return nil
    }
}

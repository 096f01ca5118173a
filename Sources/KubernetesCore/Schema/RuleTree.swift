/// The rules in CEL of one schema, found once, so that walking an object visits only what has any.
public struct RuleTree: Sendable {
    /// A place in the schema that has rules.
    public struct Site: Sendable {
        /// The position in `sites`.
        public let ordinal: Int
        /// The place in the schema, as in `spec.parts.items`.
        public let location: String
        /// The schema of the values there.
        public let schema: StructuralSchema
        /// What the schema asks of these values in CEL, in the schema's order.
        public let rules: [ValidationRule]
        /// Whether the values there are whole Kubernetes objects.
        public let isResourceRoot: Bool
    }

    /// Every place with rules, parents first, then by name.
    public private(set) var sites: [Site] = []
    private var root: Branch?

    /// Finds the rules of the schema of a whole object.
    public init(_ schema: StructuralSchema) {
        root = grow(schema, schema, isRoot: true, at: FieldPath.root, depth: 0)
    }

    /// Whether there are no rules at all.
    public var isEmpty: Bool { sites.isEmpty }

    /// Calls `body` for every place in `value` at which rules must hold, parents first.
    public func visit(
        _ value: JSONValue, old: JSONValue?, _ body: (RuleSite) -> Void
    ) {
        guard let root else { return }
        visit(root, value, old, at: .root, body)
    }

    /// A node of the schema with rules at it or below it.
    private final class Branch: Sendable {
        let site: Int?
        let schema: StructuralSchema
        let members: SortedMembers<Branch>
        let additional: Branch?
        let items: Branch?
        let alternatives: [Branch]

        init(
            site: Int?, schema: StructuralSchema, members: SortedMembers<Branch>,
            additional: Branch?, items: Branch?, alternatives: [Branch]
        ) {
            self.site = site
            self.schema = schema
            self.members = members
            self.additional = additional
            self.items = items
            self.alternatives = alternatives
        }
    }

    /// `rules` says where rules stand, `spine` what the values there are: inside `allOf` the two
    /// differ.
    private mutating func grow(
        _ rules: StructuralSchema, _ spine: StructuralSchema, isRoot: Bool, at path: FieldPath,
        depth: Int
    ) -> Branch? {
        guard depth < 100 else { return nil }
        var site: Int?
        if !rules.rules.isEmpty {
            site = sites.count
            sites.append(
                Site(
                    ordinal: sites.count, location: path.text, schema: spine, rules: rules.rules,
                    isResourceRoot: isRoot))
        }
        let alternatives = rules.allOf.compactMap {
            grow($0, spine, isRoot: isRoot, at: path, depth: depth + 1)
        }
        var members: SortedMembers<Branch> = [:]
        for (key, member) in rules.properties {
            guard let below = spine.properties[key] else { continue }
            members[key] = grow(
                member, below, isRoot: below.isEmbeddedResource, at: path.child(key),
                depth: depth + 1)
        }
        var additional: Branch?
        if let member = rules.additionalSchema, let below = spine.additionalSchema {
            additional = grow(
                member, below, isRoot: below.isEmbeddedResource,
                at: path.child("additionalProperties"), depth: depth + 1)
        }
        var items: Branch?
        if let member = rules.items, let below = spine.items {
            items = grow(
                member, below, isRoot: below.isEmbeddedResource, at: path.child("items"),
                depth: depth + 1)
        }
        guard
            site != nil || !members.isEmpty || additional != nil || items != nil
                || !alternatives.isEmpty
        else { return nil }
        return Branch(
            site: site, schema: spine, members: members, additional: additional, items: items,
            alternatives: alternatives)
    }

    private func visit(
        _ branch: Branch, _ value: JSONValue, _ old: JSONValue?, at path: FieldPath,
        _ body: (RuleSite) -> Void
    ) {
        guard !value.isNull else { return }
        let old = old.flatMap { $0.isNull ? nil : $0 }
        if let ordinal = branch.site {
            let site = sites[ordinal]
            body(
                RuleSite(
                    path: path, schema: site.schema, rules: site.rules, value: value,
                    oldValue: old, isResourceRoot: site.isResourceRoot, ordinal: ordinal))
        }
        for alternative in branch.alternatives { visit(alternative, value, old, at: path, body) }
        switch value {
        case .object(let members):
            let before = branch.schema.mapType == .atomic ? nil : old?.object
            for (key, member) in members {
                if let below = branch.members[key] {
                    visit(below, member, before?[key], at: path.child(key), body)
                } else if let below = branch.additional, branch.schema.properties[key] == nil {
                    visit(below, member, before?[key], at: path.key(key), body)
                }
            }
        case .array(let elements):
            guard let items = branch.items else { return }
            let isMap = branch.schema.listType == .map
            let before = isMap ? branch.schema.correlated(old) : [:]
            for (index, element) in elements.enumerated() {
                let match = isMap ? before[branch.schema.listKey(of: element)] : nil
                visit(items, element, match, at: path[index], body)
            }
        default: break
        }
    }
}

extension StructuralSchema {
    /// Calls `body` for every place in `value`, a whole object, at which rules in CEL must hold. To
    /// check many objects, keep a `RuleTree`.
    public func visitRules(
        _ value: JSONValue, old: JSONValue?, _ body: (RuleSite) -> Void
    ) {
        RuleTree(self).visit(value, old: old, body)
    }
}

/// A set of fields of an object, as `managedFields` tracks who set them.
///
/// Encoded as `fieldsV1`: nested objects whose keys are path elements; a field that is in the set
/// and has others below it is marked by `.`.
public struct FieldSet: Hashable, Sendable {
    /// A step below, and whether the path that ends in it is in the set.
    private struct Node: Hashable, Sendable {
        var isMember: Bool
        var below: FieldSet

        var isEmpty: Bool { !isMember && below.isEmpty }
    }

    private var nodes: [PathElement: Node] = [:]

    /// No fields.
    public init() {}

    /// These fields.
    public init(_ paths: [[PathElement]]) {
        for path in paths { insert(path[...]) }
    }

    /// The fields `names`, each a member of the object itself or, with dots, of one below.
    public init(fields names: String...) {
        for name in names {
            insert(name.split(separator: ".").map { PathElement.field(String($0)) }[...])
        }
    }

    /// Reads `fieldsV1`; an error names the key that is no path element.
    public init(reading value: JSONValue) throws(JSONError) {
        for (key, below) in value.object ?? [:] where key != "." {
            guard let element = PathElement(parsing: key) else {
                throw JSONError(.mismatch, at: key, "no path element of fieldsV1")
            }
            let members = below.object ?? [:]
            nodes[element] = Node(
                isMember: members.isEmpty || members["."] != nil,
                below: try FieldSet(reading: below))
        }
    }

    /// The set as `fieldsV1`.
    public var json: JSONValue { .object(members(isMember: false)) }

    private func members(isMember: Bool) -> JSONObject {
        var members = JSONObject(
            nodes.map { element, node in
                let isMarked = node.isMember && !node.below.isEmpty
                return (element.encoded, .object(node.below.members(isMember: isMarked)))
            })
        if isMember { members["."] = .object(JSONObject()) }
        return members
    }

    /// Whether there are no fields.
    public var isEmpty: Bool { nodes.isEmpty }

    /// Puts the field at `path` in.
    public mutating func insert(_ path: ArraySlice<PathElement>) {
        guard let first = path.first else { return }
        var node = nodes.removeValue(forKey: first) ?? Node(isMember: false, below: FieldSet())
        if path.count == 1 { node.isMember = true } else { node.below.insert(path.dropFirst()) }
        nodes[first] = node
    }

    /// Puts the field at `path` and those below it in.
    mutating func insert(_ path: ArraySlice<PathElement>, _ below: FieldSet) {
        guard let first = path.first else {
            self = union(below)
            return
        }
        if path.count == 1 { return insert(first, isMember: true, below) }
        var node = nodes.removeValue(forKey: first) ?? Node(isMember: false, below: FieldSet())
        node.below.insert(path.dropFirst(), below)
        nodes[first] = node
    }

    /// Puts the fields below one step in.
    mutating func insert(_ element: PathElement, isMember: Bool, _ below: FieldSet) {
        guard isMember || !below.isEmpty else { return }
        var node = nodes[element] ?? Node(isMember: false, below: FieldSet())
        node.isMember = node.isMember || isMember
        node.below = node.below.isEmpty ? below : node.below.union(below)
        nodes[element] = node
    }

    /// Whether the field at `path` is in the set.
    public func contains(_ path: ArraySlice<PathElement>) -> Bool {
        guard let first = path.first, let node = nodes[first] else { return false }
        return path.count == 1 ? node.isMember : node.below.contains(path.dropFirst())
    }

    /// Whether the step itself is in the set.
    func has(_ element: PathElement) -> Bool { nodes[element]?.isMember ?? false }

    /// The fields below one step.
    func below(_ element: PathElement) -> FieldSet {
        isEmpty ? self : nodes[element]?.below ?? FieldSet()
    }

    /// The fields of either set.
    public func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        var result = self
        for (element, node) in other.nodes {
            result.insert(element, isMember: node.isMember, node.below)
        }
        return result
    }

    /// The fields of both sets.
    public func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet()
        for (element, node) in nodes {
            guard let match = other.nodes[element] else { continue }
            let kept = Node(
                isMember: node.isMember && match.isMember,
                below: node.below.intersection(match.below))
            if !kept.isEmpty { result.nodes[element] = kept }
        }
        return result
    }

    /// The fields of this set that are not in the other; what lies below those stays.
    public func difference(_ other: FieldSet) -> FieldSet {
        var result = self
        for (element, match) in other.nodes {
            guard let node = nodes[element] else { continue }
            let kept = Node(
                isMember: node.isMember && !match.isMember,
                below: node.below.difference(match.below))
            result.nodes[element] = kept.isEmpty ? nil : kept
        }
        return result
    }

    /// The fields of this set that are neither in the other nor below a field of the other.
    public func recursiveDifference(_ other: FieldSet) -> FieldSet {
        var result = self
        for (element, match) in other.nodes {
            guard let node = nodes[element] else { continue }
            let kept = Node(
                isMember: node.isMember, below: node.below.recursiveDifference(match.below))
            result.nodes[element] = match.isMember || kept.isEmpty ? nil : kept
        }
        return result
    }

    /// The same, with every named field in it that has fields of the set below.
    func withNamedFields(_ shape: TypeShape) -> FieldSet {
        var result = FieldSet()
        for (element, node) in nodes {
            var below = TypeShape.untyped
            var isNamed = false
            switch element {
            case .field(let name): (below, isNamed) = shape.member(name)
            case .key: below = shape.element
            case .value, .index: break
            }
            result.nodes[element] = Node(
                isMember: node.isMember || isNamed && !node.below.isEmpty,
                below: node.below.withNamedFields(below))
        }
        return result
    }

    /// Every field's path as conflicts show it: those of each level first, in their order.
    public var paths: [String] {
        var result: [String] = []
        collect("", into: &result)
        return result
    }

    private func collect(_ prefix: String, into result: inout [String]) {
        let ordered = nodes.sorted { $0.key < $1.key }
        for (element, node) in ordered where node.isMember { result.append(prefix + element.shown) }
        for (element, node) in ordered {
            node.below.collect(prefix + element.shown, into: &result)
        }
    }
}

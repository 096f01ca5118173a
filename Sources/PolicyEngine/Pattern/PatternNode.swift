import KubernetesCore

/// A pattern, read once so that it can be held against many objects.
indirect enum PatternNode: Sendable {
    case leaf(LeafPattern)
    case map(PatternMap)
    case list(PatternList)

    /// The deepest nesting of a pattern that is read.
    static let depthLimit = 100

    /// Reads a pattern. `isFinal` says that its variables are replaced: then operands are taken as
    /// they came, and what cannot be compared simply does not match.
    static func read(
        _ pattern: JSONValue, at path: String = "/", isFinal: Bool, depth: Int = 0
    ) throws(PatternProblem) -> PatternNode {
        guard depth <= depthLimit else {
            throw PatternProblem(
                path: path, reason: "the pattern is nested deeper than \(depthLimit) levels")
        }
        switch pattern {
        case .object(let members):
            return .map(try PatternMap(members, at: path, isFinal: isFinal, depth: depth))
        case .array(let elements):
            return .list(try PatternList(elements, at: path, isFinal: isFinal, depth: depth))
        default:
            let leaf = LeafPattern(pattern)
            if !isFinal, let fault = leaf.unusableTerm {
                throw PatternProblem(path: path, reason: fault)
            }
            return .leaf(leaf)
        }
    }

    /// Whether an anchor stands on a key anywhere inside.
    var hasAnchors: Bool {
        switch self {
        case .leaf: false
        case .map(let map): map.hasAnchors
        case .list(let list): list.elements.contains { $0.hasAnchors }
        }
    }
}

/// A pattern of a list.
struct PatternList: Sendable {
    let elements: [PatternNode]

    init(_ source: [JSONValue], at path: String, isFinal: Bool, depth: Int) throws(PatternProblem) {
        var elements: [PatternNode] = []
        for (index, element) in source.enumerated() {
            elements.append(
                try PatternNode.read(
                    element, at: "\(path)\(index)/", isFinal: isFinal, depth: depth + 1))
        }
        self.elements = elements
    }
}

/// A pattern of a map.
struct PatternMap: Sendable {
    /// One key of the pattern.
    struct Entry: Sendable {
        /// The key as it was written, with its brackets.
        let raw: String
        /// The key in the object.
        let key: String
        let anchor: PatternAnchor?
        let node: PatternNode
        /// Whether anything but `null` will do.
        let isAnything: Bool
    }

    /// The entries that decide whether the others count, in the order in which they are judged.
    let conditions: [Entry]
    /// The others, in the order in which they are judged.
    let rest: [Entry]
    /// What labels and annotations have to look like, where their keys depend on the object's.
    let metadata: PatternMetadata?
    let hasAnchors: Bool

    init(
        _ members: JSONObject, at path: String, isFinal: Bool, depth: Int
    ) throws(PatternProblem) {
        var entries: [Entry] = []
        for (raw, value) in members {
            entries.append(
                try PatternMap.entry(raw, value, at: path, isFinal: isFinal, depth: depth))
        }
        conditions = entries.filter { $0.anchor != nil && $0.anchor != .global }
        let others = entries.filter { $0.anchor == nil || $0.anchor == .global }
        // What holds anchors is judged before what does not, the last one first.
        func comesFirst(_ entry: Entry) -> Bool {
            entry.anchor == .global || entry.node.hasAnchors
        }
        rest = others.filter(comesFirst).reversed() + others.filter { !comesFirst($0) }
        metadata = PatternMetadata(members)
        hasAnchors = entries.contains { $0.anchor != nil || $0.node.hasAnchors }
    }

    /// Says what is wrong with a key that a policy can only hold by mistake. What comes out of
    /// variables is a key like any other.
    private static func refuse(
        _ raw: String, _ value: JSONValue, at place: String
    ) throws(PatternProblem) {
        guard !PatternAnchor.isBroken(raw) else {
            throw PatternProblem(
                path: place,
                reason: "\"\(raw)\" is no anchor; there are (key), =(key), ^(key), X(key), <(key)")
        }
        switch PatternAnchor.parse(raw)?.anchor {
        case .addIfAbsent:
            throw PatternProblem(
                path: place, reason: "the anchor +() adds a field and can only stand in a mutation")
        case .existence:
            let elements = value.array ?? []
            guard !elements.isEmpty, elements.allSatisfy({ $0.object != nil }) else {
                throw PatternProblem(
                    path: place, reason: "the anchor ^() needs a list of maps as its value")
            }
        case nil, .condition, .equality, .negation, .global: break
        }
    }

    private static func entry(
        _ raw: String, _ value: JSONValue, at path: String, isFinal: Bool, depth: Int
    ) throws(PatternProblem) -> Entry {
        let place = path + raw + "/"
        if !isFinal { try refuse(raw, value, at: place) }
        var parsed = PatternAnchor.parse(raw)
        if parsed?.anchor == .addIfAbsent { parsed = nil }
        let node: PatternNode
        if parsed?.anchor == .negation {
            // Only the key counts, whatever is written as its value.
            node = .leaf(LeafPattern(.null))
        } else {
            node = try PatternNode.read(value, at: place, isFinal: isFinal, depth: depth + 1)
        }
        return Entry(
            raw: raw, key: parsed?.key ?? raw, anchor: parsed?.anchor, node: node,
            isAnything: parsed == nil && value == "*")
    }
}

/// Labels and annotations of a pattern, whose keys may hold wildcards.
///
/// Before such a map is judged, each key with a wildcard becomes the first key of the object that
/// it matches. As in Kyverno, entries that are no texts do not count once the object has the map.
struct PatternMetadata: Sendable {
    private let members: JSONObject
    private let raw: String

    /// `nil` where the map has no `metadata`, or one whose keys do not depend on the object.
    init?(_ map: JSONObject) {
        guard let raw = PatternMetadata.rawKey("metadata", in: map),
            let members = map[raw]?.object
        else { return nil }
        let depends = ["labels", "annotations"].contains { tag in
            guard let key = PatternMetadata.rawKey(tag, in: members),
                let entries = members[key]?.object
            else { return false }
            return entries.contains { Wildcard.isPattern($0) || $1.string == nil }
        }
        guard depends else { return nil }
        self.members = members
        self.raw = raw
    }

    /// The key of `map` that stands for `name`, with or without brackets.
    private static func rawKey(_ name: String, in map: JSONObject) -> String? {
        if map[name] != nil { return name }
        return map.keys.first { PatternAnchor.parse($0)?.key == name }
    }

    /// The pattern of `metadata` for this object; `nil` where it stays as it is.
    func node(for resource: JSONObject) -> (raw: String, node: PatternNode)? {
        guard let actual = resource["metadata"]?.object else { return nil }
        var result = members
        for tag in ["labels", "annotations"] {
            guard let key = PatternMetadata.rawKey(tag, in: members),
                let wanted = members[key]?.object,
                let actualKey = PatternMetadata.rawKey(tag, in: actual),
                let given = actual[actualKey]?.object
            else { continue }
            result[key] = .object(PatternMetadata.expand(wanted, given))
        }
        // The parts were read before: reading them again with other keys cannot fail, but for a
        // key of the object that looks like a broken anchor, which then matches as it stands.
        guard let node = try? PatternNode.read(.object(result), isFinal: true) else { return nil }
        return (raw, node)
    }

    private static func expand(_ wanted: JSONObject, _ given: JSONObject) -> JSONObject {
        let keys = given.filter { $1.string != nil }.map { $0.0 }
        return JSONObject(
            wanted.compactMap { raw, value -> (String, JSONValue)? in
                guard value.string != nil else { return nil }
                guard Wildcard.isPattern(raw) else { return (raw, value) }
                let parsed = PatternAnchor.parse(raw)
                let wildcard = Wildcard(parsed?.key ?? raw)
                guard let key = keys.first(where: wildcard.matches) else { return (raw, value) }
                return (parsed?.anchor.wrapping(key) ?? key, value)
            })
    }
}

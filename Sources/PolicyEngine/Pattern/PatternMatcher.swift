import KubernetesCore

/// Holds an object against a pattern. One value serves one object.
struct PatternMatcher {
    private enum Step {
        case key(String)
        case index(Int)
    }

    private var steps: [Step] = []
    /// Conditional and existence anchors as they were written, and whether their key was found in
    /// any of the maps that it was looked for in.
    private var anchorsFound: [String: Bool] = [:]

    /// What `node` says about the whole object.
    static func verdict(_ resource: JSONValue, _ node: PatternNode) -> PatternVerdict {
        var matcher = PatternMatcher()
        guard let fault = matcher.element(resource, node) else { return .match }
        let text = fault.cause.text
        if fault.isSkip { return .skip(reason: text) }
        let isUnfounded =
            fault.kind != .negation && matcher.anchorsFound.values.contains(false)
        return .mismatch(path: isUnfounded ? "" : fault.path, message: text)
    }

    /// Where the matcher is, as in `/spec/containers/0/`.
    private var path: String {
        var text = "/"
        for step in steps {
            switch step {
            case .key(let key): text += key
            case .index(let index): text += String(index)
            }
            text += "/"
        }
        return text
    }

    private mutating func element(_ value: JSONValue?, _ node: PatternNode) -> PatternFault? {
        switch node {
        case .map(let map):
            guard case .object(let members) = value else {
                return PatternFault(at: path, .structure(found: value, at: path))
            }
            return self.map(members, map)
        case .list(let list):
            guard case .array(let elements) = value else {
                return PatternFault(at: path, .noList(at: path))
            }
            return self.list(elements, list)
        case .leaf(let leaf): return self.leaf(value, leaf)
        }
    }

    private func leaf(_ value: JSONValue?, _ leaf: LeafPattern) -> PatternFault? {
        if case .array(let elements) = value {
            if elements.allSatisfy({ leaf.holds($0) }) { return nil }
        } else if leaf.holds(value) {
            return nil
        }
        return PatternFault(at: path, .value(value, leaf.source, at: path))
    }

    private mutating func map(_ members: JSONObject, _ pattern: PatternMap) -> PatternFault? {
        for entry in pattern.conditions
        where entry.anchor == .condition || entry.anchor == .existence {
            let isFound = members[entry.key] != nil
            anchorsFound[entry.raw] = (anchorsFound[entry.raw] ?? false) || isFound
        }
        let metadata = pattern.metadata?.node(for: members)
        var skips: [PatternFault] = []
        var applied = 0
        for entry in pattern.conditions {
            guard let fault = judge(entry, members, metadata) else {
                applied += 1
                continue
            }
            if fault.isSkip {
                skips.append(fault)
            } else if !skips.contains(where: { $0.isOwnSkip }) {
                return fault
            }
        }
        if !skips.isEmpty, applied == 0 || skips.contains(where: { $0.isOwnSkip }) {
            return PatternFault(.skipped, at: path, .all(skips.map(\.cause)))
        }
        for entry in pattern.rest {
            if let fault = judge(entry, members, metadata) { return fault }
        }
        return nil
    }

    private mutating func judge(
        _ entry: PatternMap.Entry, _ members: JSONObject,
        _ metadata: (raw: String, node: PatternNode)?
    ) -> PatternFault? {
        steps.append(.key(entry.key))
        defer { steps.removeLast() }
        let value = members[entry.key]
        let node = metadata.flatMap { $0.raw == entry.raw ? $0.node : nil } ?? entry.node
        switch entry.anchor {
        case nil, .addIfAbsent: return plain(value, entry, node)
        case .equality: return value.flatMap { element($0, node) }
        case .negation:
            guard value != nil else { return nil }
            return PatternFault(.negation, at: path, .forbidden(at: path))
        case .condition:
            guard let value else {
                return PatternFault(.conditional, at: path, .absentCondition)
            }
            return element(value, node).map {
                PatternFault(.conditional, at: $0.path, .conditional($0.cause))
            }
        case .global:
            return value.flatMap { element($0, node) }.map {
                PatternFault(.global, at: $0.path, .global($0.cause))
            }
        case .existence: return value.flatMap { existence($0, node) }
        }
    }

    private mutating func plain(
        _ value: JSONValue?, _ entry: PatternMap.Entry, _ node: PatternNode
    ) -> PatternFault? {
        guard entry.isAnything else { return element(value, node) }
        guard value == nil || value?.isNull == true else { return nil }
        let last = steps.removeLast()
        defer { steps.append(last) }
        return PatternFault(at: path, .missing(entry.key, at: path))
    }

    private mutating func existence(_ value: JSONValue, _ node: PatternNode) -> PatternFault? {
        guard case .array(let elements) = value else {
            return PatternFault(at: path, .notExistential(value))
        }
        guard case .list(let list) = node else {
            return PatternFault(at: path, .existentialPattern("list"))
        }
        for wanted in list.elements {
            guard case .map = wanted else {
                return PatternFault(at: path, .existentialPattern("map"))
            }
            var isFound = false
            for (index, element) in elements.enumerated() where !isFound {
                steps.append(.index(index))
                isFound = self.element(element, wanted) == nil
                steps.removeLast()
            }
            guard isFound else { return PatternFault(at: path, .notExisting(at: path)) }
        }
        return nil
    }

    private mutating func list(_ elements: [JSONValue], _ pattern: PatternList) -> PatternFault? {
        guard let first = pattern.elements.first else {
            return PatternFault(at: path, .emptyPattern)
        }
        switch first {
        case .leaf(let leaf): return self.leaf(.array(elements), leaf)
        case .map:
            return each(elements.lazy.map { ($0, first) })
        case .list:
            guard elements.count >= pattern.elements.count else {
                return PatternFault(at: "", .tooShort(elements.count, pattern.elements.count))
            }
            return each(zip(elements, pattern.elements))
        }
    }

    /// Every element has to match its pattern; those that are skipped do not count, unless all are.
    private mutating func each(
        _ pairs: some Sequence<(JSONValue, PatternNode)>
    ) -> PatternFault? {
        var skips: [PatternFault] = []
        var applied = 0
        for (index, (element, node)) in pairs.enumerated() {
            steps.append(.index(index))
            defer { steps.removeLast() }
            guard let fault = self.element(element, node) else {
                applied += 1
                continue
            }
            guard fault.isSkip else { return fault }
            skips.append(fault)
        }
        guard applied == 0, !skips.isEmpty else { return nil }
        return PatternFault(.skipped, at: path, .all(skips.map(\.cause)))
    }
}

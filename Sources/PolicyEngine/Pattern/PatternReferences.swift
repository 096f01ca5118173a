public import KubernetesCore

extension KyvernoPattern {
    /// The pattern with each `$(path)` replaced by the value at that place of the same pattern.
    ///
    /// A path that begins with `/` counts from the root of the pattern, any other one from the text
    /// that holds it: `$(<=./../../limits/memory)` at `/spec/requests/memory` means
    /// `/spec/limits/memory` and gives `<=` and the value there. Anchors do not count in paths;
    /// `\$(…)` stays as `$(…)`. Resolve references before variables, on the pattern alone.
    public static func resolvingReferences(
        in pattern: JSONValue
    ) throws(PatternProblem) -> JSONValue {
        let references = PatternReferences(pattern)
        return try references.resolve(pattern, [], depth: 0)
    }
}

/// The values of a pattern by their paths, for references to them.
private struct PatternReferences {
    private var leaves: [String: JSONValue] = [:]

    init(_ pattern: JSONValue) {
        collect(pattern, [], depth: 0)
    }

    private mutating func collect(_ value: JSONValue, _ path: [String], depth: Int) {
        guard depth <= PatternNode.depthLimit else { return }
        switch value {
        case .object(let members):
            for (raw, member) in members {
                let key = PatternAnchor.parse(raw)?.key ?? raw
                collect(member, path + [key], depth: depth + 1)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                collect(element, path + [String(index)], depth: depth + 1)
            }
        default: leaves["/" + path.joined(separator: "/")] = value
        }
    }

    func resolve(
        _ value: JSONValue, _ path: [String], depth: Int
    ) throws(PatternProblem) -> JSONValue {
        guard depth <= PatternNode.depthLimit else {
            throw PatternProblem(
                path: text(path),
                reason: "the pattern is nested deeper than \(PatternNode.depthLimit) levels")
        }
        switch value {
        case .object(let members):
            var pairs: [(String, JSONValue)] = []
            for (raw, member) in members {
                let key = PatternAnchor.parse(raw)?.key ?? raw
                let resolved = try resolve(member, path + [key], depth: depth + 1)
                pairs.append((try replace(raw, path), resolved))
            }
            return .object(JSONObject(pairs))
        case .array(let elements):
            var results: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                results.append(try resolve(element, path + [String(index)], depth: depth + 1))
            }
            return .array(results)
        case .string(let source): return .string(try replace(source, path))
        default: return value
        }
    }

    private func text(_ path: [String]) -> String {
        path.isEmpty ? "/" : "/" + path.joined(separator: "/") + "/"
    }

    /// The text with its references replaced.
    private func replace(_ source: String, _ path: [String]) throws(PatternProblem) -> String {
        guard source.contains("$(") else { return source }
        var result = ""
        var rest = source[...]
        while let start = PatternReferences.start(in: rest) {
            let isEscaped = start > rest.startIndex && rest[rest.index(before: start)] == "\\"
            guard let end = PatternReferences.end(in: rest[start...]) else { break }
            if isEscaped {
                result += rest[..<start].dropLast() + rest[start..<end]
            } else {
                result += rest[..<start]
                result += try value(of: String(rest[start..<end]), path)
            }
            rest = rest[end...]
        }
        return result + rest
    }

    private static func start(in text: Substring) -> Substring.Index? {
        var place = text.startIndex
        while place < text.endIndex {
            let next = text.index(after: place)
            if text[place] == "$", next < text.endIndex, text[next] == "(" { return place }
            place = next
        }
        return nil
    }

    /// Behind the last closing bracket before a space: brackets may stand inside.
    private static func end(in text: Substring) -> Substring.Index? {
        let body = text.dropFirst(2)
        guard let first = body.first else { return nil }
        var end: Substring.Index?
        var place = body.index(after: body.startIndex)
        if first == ")" { return nil }
        while place < body.endIndex, body[place] != " " {
            let next = body.index(after: place)
            if body[place] == ")" { end = next }
            place = next
        }
        return end
    }

    private func value(of reference: String, _ path: [String]) throws(PatternProblem) -> String {
        let marks: Set<Character> = ["$", "(", ")"]
        var inner = reference[...]
        while let first = inner.first, marks.contains(first) { inner.removeFirst() }
        while let last = inner.last, marks.contains(last) { inner.removeLast() }
        let operation = LeafComparison.Operator.leading(String(inner))
        let place = String(inner.dropFirst(operation.rawValue.count))
        guard !place.isEmpty else {
            throw PatternProblem(
                path: text(path), reason: "the reference \(reference) names no path")
        }
        let target = PatternReferences.join(place.hasPrefix("/") ? [] : path, place)
        guard let value = leaves[target], !value.isNull else {
            throw PatternProblem(
                path: text(path),
                reason: "the reference \(reference) leads to \(target), where the pattern has no "
                    + "value")
        }
        if let text = value.string { return operation.rawValue + text }
        // A number has no text of its own; behind an operator it is compared as an amount.
        guard value.double != nil, operation != .equal else {
            throw PatternProblem(
                path: text(path),
                reason: "the reference \(reference) leads to \(target), which is no text")
        }
        return operation.rawValue + GoFormat.plain(value)
    }

    /// A path by another one: `.` stays, `..` goes up.
    private static func join(_ base: [String], _ path: String) -> String {
        var parts = base
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                if !parts.isEmpty { parts.removeLast() }
            } else {
                parts.append(PatternAnchor.parse(String(part))?.key ?? String(part))
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}

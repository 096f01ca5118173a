/// What a pattern says about an object.
public enum PatternVerdict: Hashable, Sendable {
    /// The object is as the pattern wants it.
    case match
    /// A conditional or global anchor did not apply: the rule says nothing about the object.
    case skip(reason: String)
    /// The object is not as the pattern wants it, at `path`, as in `/spec/containers/0/image/`.
    ///
    /// An empty path means that the pattern could not be judged, because an anchored key is in none
    /// of the maps that should hold it or a list is shorter than the pattern's. Kyverno makes that
    /// an error of the rule, not a failure.
    case mismatch(path: String, message: String)
}

extension PatternVerdict {
    /// What becomes of a rule by this verdict.
    public var outcome: PolicyResult.Outcome {
        switch self {
        case .match: .pass
        case .skip: .skip
        case .mismatch(let path, _): path.isEmpty ? .error : .fail
        }
    }

    /// The verdict's text in a rule's result, in Kyverno's words. `message` is the rule's own,
    /// its variables replaced; empty where it has none.
    public func text(rule: String, message: String) -> String {
        switch self {
        case .match: return "validation rule '\(rule)' passed."
        case .skip(let reason): return reason
        case .mismatch(let path, let fault):
            let end =
                path.isEmpty
                ? "rule \(rule) execution error: \(fault)" : "rule \(rule) failed at path \(path)"
            guard !message.isEmpty else { return "validation error: " + end }
            return "validation error: \(message)\(message.hasSuffix(".") ? "" : ".") \(end)"
        }
    }
}

/// What a list of patterns, of which one has to match, says about an object.
public enum AnyPatternVerdict: Hashable, Sendable {
    /// The pattern at `index` is the first that matches; `nil` where there are no patterns.
    case match(index: Int?)
    /// No pattern applies to the object.
    case skip(reasons: [Int: String])
    /// No pattern matches, and those at these indices apply.
    case mismatch([Int: PatternVerdict])

    /// What becomes of a rule by this verdict.
    public var outcome: PolicyResult.Outcome {
        switch self {
        case .match: .pass
        case .skip: .skip
        case .mismatch: .fail
        }
    }

    /// The verdict's text in a rule's result, in Kyverno's words. `message` is the rule's own,
    /// its variables replaced; empty where it has none.
    public func text(rule: String, message: String) -> String {
        switch self {
        case .match(nil): return message
        case .match(let index?): return "validation rule '\(rule)' anyPattern[\(index)] passed."
        case .skip(let reasons):
            return reasons.sorted { $0.key < $1.key }.map {
                "rule \(rule)[\($0.key)] skipped: \($0.value)"
            }.joined(separator: " ")
        case .mismatch(let faults):
            let list = faults.sorted { $0.key < $1.key }.map { index, verdict in
                guard case .mismatch(let path, let fault) = verdict else { return "" }
                return path.isEmpty
                    ? "rule \(rule)[\(index)] failed: \(fault)"
                    : "rule \(rule)[\(index)] failed at path \(path)"
            }.joined(separator: " ")
            guard !message.isEmpty else { return "validation error: " + list }
            return "validation error: \(message)\(message.hasSuffix(".") ? "" : ".") \(list)"
        }
    }
}

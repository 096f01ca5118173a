public import KubernetesCore

/// A pattern of a Kyverno rule, read once and held against many objects.
///
/// Source: https://kyverno.io/docs/policy-types/cluster-policy/validate/#patterns, with the
/// behaviour of Kyverno 1.18 where the page says nothing.
public struct KyvernoPattern: Sendable {
    private let node: PatternNode

    /// Reads a pattern as it stands in a policy: unknown anchors, anchors in the wrong place and
    /// operators that can never hold are refused. References have to be resolved before, see
    /// `resolvingReferences(in:)`; variables may stand in it, then read it again with
    /// `init(replaced:)` once they are replaced.
    public init(_ pattern: JSONValue) throws(PatternProblem) {
        node = try PatternNode.read(pattern, isFinal: false)
    }

    /// Reads a pattern whose variables are replaced: what came out of them is not held to be a
    /// mistake of the policy and simply does not match where it cannot be compared.
    public init(replaced pattern: JSONValue) throws(PatternProblem) {
        node = try PatternNode.read(pattern, isFinal: true)
    }

    /// What the pattern says about an object or an element of one.
    ///
    /// The work is bounded by the size of the object times that of the pattern's lists.
    public func match(_ resource: JSONValue) -> PatternVerdict {
        PatternMatcher.verdict(resource, node)
    }

    /// What `anyPattern` says: the first pattern that matches decides, and where none does, the
    /// rule is broken if at least one applied.
    public static func matchAny(
        _ patterns: [KyvernoPattern], _ resource: JSONValue
    ) -> AnyPatternVerdict {
        var skips: [Int: String] = [:]
        var faults: [Int: PatternVerdict] = [:]
        for (index, pattern) in patterns.enumerated() {
            let verdict = pattern.match(resource)
            switch verdict {
            case .match: return .match(index: index)
            case .skip(let reason): skips[index] = reason
            case .mismatch: faults[index] = verdict
            }
        }
        if !faults.isEmpty { return .mismatch(faults) }
        return skips.isEmpty ? .match(index: nil) : .skip(reasons: skips)
    }

    /// Whether one value is as a single pattern wants it: a number, a truth value, `null`, or a
    /// text with operators, ranges and wildcards. `nil` stands for a value that is not there.
    public static func matches(_ value: JSONValue?, leaf pattern: JSONValue) -> Bool {
        LeafPattern(pattern).holds(value)
    }
}

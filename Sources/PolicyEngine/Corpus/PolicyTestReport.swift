public import KubernetesCore

/// How the expectations of a test are met.
///
/// An object that no rule says anything about counts as met: it is excluded, as Kyverno's command
/// line has it. An object that is not there does not.
public struct PolicyTestReport: Sendable {
    /// One expectation about one object.
    public struct Line: Sendable {
        /// What was expected.
        public let expectation: PolicyTest.Expectation
        /// The object, as `Kind/namespace/name`, or as the test names it.
        public let resource: String
        /// Whether it came out like that.
        public let isMet: Bool
        /// What came out, and why.
        public let reason: String
    }

    /// A line for each expectation and each of its objects.
    public let lines: [Line]

    /// Whether every expectation is met.
    public var isGood: Bool { lines.allSatisfy(\.isMet) }

    /// Holds `judgements` against the expectations of `test`. `problems` are the policies that were
    /// refused, `patched` the documents of the files that the test names.
    public init(
        _ test: PolicyTest, _ judgements: [OfflineEvaluation.Judgement],
        problems: [PolicyProblem], patched: [String: [JSONValue]]
    ) {
        lines = test.expectations.flatMap { expectation in
            let refused = problems.first { problem in
                let isPolicy = PolicyTestReport.isSame(problem.policy, expectation.policy)
                let isRule =
                    problem.extent == .policy || problem.rule == expectation.rule
                return isPolicy && isRule
            }
            if let refused {
                return [
                    Line(
                        expectation: expectation, resource: "", isMet: false,
                        reason: "refused: \(refused)")
                ]
            }
            return PolicyTestReport.lines(expectation, judgements, patched)
        }
    }

    private static func lines(
        _ expectation: PolicyTest.Expectation, _ judgements: [OfflineEvaluation.Judgement],
        _ patched: [String: [JSONValue]]
    ) -> [Line] {
        guard !expectation.resources.isEmpty else {
            return judgements.filter { isMeant($0, by: expectation, nil) }.flatMap {
                lines(expectation, $0, patched)
            }
        }
        return expectation.resources.flatMap { name in
            let found = judgements.filter { isMeant($0, by: expectation, name) }
            guard !found.isEmpty else {
                return [
                    Line(
                        expectation: expectation, resource: name, isMet: false,
                        reason: "there is no such object")
                ]
            }
            return found.flatMap { lines(expectation, $0, patched) }
        }
    }

    private static func isMeant(
        _ judgement: OfflineEvaluation.Judgement, by expectation: PolicyTest.Expectation,
        _ name: String?
    ) -> Bool {
        let metadata = judgement.resource.object["metadata"]
        let own = metadata?["name"]?.string ?? ""
        let namespace = metadata?["namespace"]?.string ?? ""
        if let name, name != own, name != namespace + "/" + own { return false }
        if let wanted = expectation.namespace, wanted != namespace { return false }
        guard let kind = expectation.kind else { return true }
        // A name says which object is meant; its kind only matters where there are several.
        return name != nil || kind == judgement.resource.type.kind
    }

    private static func lines(
        _ expectation: PolicyTest.Expectation, _ judgement: OfflineEvaluation.Judgement,
        _ patched: [String: [JSONValue]]
    ) -> [Line] {
        let metadata = judgement.resource.object["metadata"]
        let namespace = metadata?["namespace"]?.string ?? ""
        let resource =
            judgement.resource.type.kind + "/" + (namespace.isEmpty ? "" : namespace + "/")
            + (metadata?["name"]?.string ?? "")
        let rows = judgement.rows.filter {
            isSame($0.result.policy, expectation.policy) && $0.isMeant(by: expectation.rule)
        }
        guard !rows.isEmpty else {
            return [
                Line(
                    expectation: expectation, resource: resource, isMet: true,
                    reason: "excluded: no rule is for it")
            ]
        }
        return rows.map { row in
            var isMet = row.result.outcome == expectation.outcome
            var reason = "\(row.result.outcome.rawValue): \(row.result.message)"
            if let file = expectation.patched, isMet,
                let fault = difference(judgement, row.result.policy, patched[file] ?? [])
            {
                isMet = false
                reason = fault
            }
            return Line(
                expectation: expectation, resource: resource, isMet: isMet, reason: reason)
        }
    }

    /// What is wrong with the object after a policy; `nil` where it is as expected, or where
    /// nothing is expected of it.
    private static func difference(
        _ judgement: OfflineEvaluation.Judgement, _ policy: String, _ expected: [JSONValue]
    ) -> String? {
        let resource = judgement.resource
        let wanted = OfflineResources(expected).resources.first {
            $0.type.kind == resource.type.kind && $0.type.group == resource.type.group
                && $0.object["metadata"]?["name"] == resource.object["metadata"]?["name"]
                && $0.object["metadata"]?["namespace"] == resource.object["metadata"]?["namespace"]
        }
        guard let wanted else { return nil }
        let made = trimmed(judgement.stages[policy] ?? judgement.object)
        return made == trimmed(wanted.object) ? nil : "patched to \(made?.text ?? "nothing")"
    }

    /// The value without what says nothing: null, and lists and objects with nothing in them.
    private static func trimmed(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .null: return nil
        case .integer(let number): return .double(Double(number))
        case .array(let elements):
            let kept = elements.compactMap(trimmed)
            return kept.isEmpty ? nil : .array(kept)
        case .object(let members):
            let kept = members.compactMap { key, value in trimmed(value).map { (key, $0) } }
            return kept.isEmpty ? nil : .object(JSONObject(kept))
        default: return value
        }
    }

    private static func isSame(_ policy: String, _ name: String) -> Bool {
        policy == name || policy.split(separator: "/").last.map(String.init) == name
    }
}

import KubernetesCore

/// A rule of a Kyverno policy that judges or changes objects.
struct KyvernoRule: Sendable {
    /// What the rule does with an object that it is for.
    enum Work: Sendable {
        case validate(Validation)
        case mutate(Mutation)
    }

    let name: String
    let match: MatchBlock
    let exclude: MatchBlock?
    let context: [ContextEntry]
    let preconditions: ConditionBlock?
    let work: Work

    private static let works = ["validate", "mutate", "generate", "verifyImages"]
    private static let known = Set(
        works + [
            "name", "match", "exclude", "context", "preconditions", "celPreconditions",
            "imageExtractors", "skipBackgroundRequests", "reportProperties",
        ])

    /// Why a rule is refused alone: it does what this engine does not do; `nil` for a rule that can
    /// be read.
    static func refusal(_ rule: JSONValue, at path: String, in place: PolicyPlace) -> PolicyProblem?
    {
        let reasons: [([String], String)] = [
            (["generate"], "generate rules are not supported: judging an object makes no others"),
            (["verifyImages"], "verifyImages rules are not supported: no signatures are checked"),
            (
                ["validate", "manifests"],
                "validate.manifests is not supported: no signatures are checked"
            ),
            (["validate", "assert"], "validate.assert is not supported; use pattern, deny or cel"),
            (["imageExtractors"], "imageExtractors are not supported"),
            (["mutate", "targets"], "mutate.targets is not supported: only the object is changed"),
            (["mutate", "mutateExistingOnPolicyUpdate"], "only the object itself is changed"),
        ]
        for (keys, reason) in reasons {
            guard let value = rule[path: keys], !value.isNull else { continue }
            if case .array(let elements) = value, elements.isEmpty { continue }
            return PolicyProblem(
                source: place.source, policy: place.policy, rule: place.rule,
                path: path + "." + keys.joined(separator: "."), reason: reason, refusing: .rule)
        }
        return nil
    }

    /// Reads a rule.
    init(
        _ value: JSONValue, at path: String, in place: PolicyPlace, isOffline: Bool
    ) throws(PolicyProblem) {
        let fields = try Fields(value, at: path, in: place, known: KyvernoRule.known)
        name = try fields.requiredString("name")
        guard name.utf8.count <= 63 else {
            throw fields.problem("name", "must be no longer than 63 bytes")
        }
        guard let matching = try fields.fields("match", known: MatchBlock.known),
            let match = try MatchBlock(matching)
        else { throw fields.problem("match", "must say which objects the rule is for") }
        self.match = match
        exclude = try KyvernoRule.exclude(fields)
        context = try ContextEntry.list(fields, isOffline: isOffline)
        preconditions = try ConditionBlock(fields, "preconditions")
        _ = try fields.bool("skipBackgroundRequests")
        _ = try fields.stringMap("reportProperties")
        let given = KyvernoRule.works.filter(fields.has)
        guard given.count == 1 else {
            throw place.problem(
                path, "must have exactly one of: " + KyvernoRule.works.joined(separator: ", "))
        }
        if let value = fields.value("validate") {
            work = .validate(
                try Validation(
                    value, at: fields.child("validate"), in: place, preconditions: fields,
                    isOffline: isOffline))
        } else if let value = fields.value("mutate") {
            work = .mutate(
                try Mutation(value, at: fields.child("mutate"), in: place, isOffline: isOffline))
        } else {
            throw place.problem(path, "is a rule that this engine does not evaluate")
        }
    }

    private static func exclude(_ fields: Fields) throws(PolicyProblem) -> MatchBlock? {
        guard let excluding = try fields.fields("exclude", known: MatchBlock.known) else {
            return nil
        }
        return try MatchBlock(excluding)
    }

    /// Whether the rule is for the object of `request`, which on UPDATE may be the old one.
    func isFor(_ request: PolicyRequest) -> Bool {
        for object in [request.object, request.oldObject] {
            guard let subject = MatchSubject(object, of: request), match.matches(subject) else {
                continue
            }
            if exclude?.matches(subject, excluding: true) ?? false { continue }
            return true
        }
        return false
    }
}

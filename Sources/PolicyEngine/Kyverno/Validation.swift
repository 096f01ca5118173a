import KubernetesCore

/// `validate` of a rule.
struct Validation: Sendable {
    /// What is asked of an object; exactly one of these.
    indirect enum Body: Sendable {
        /// The object is refused where the conditions hold; without conditions, always.
        case deny(ConditionBlock?)
        case pattern(RulePattern)
        case anyPattern([RulePattern])
        case foreach([Each])
        case podSecurity(PodSecurityRule)
        case expressions(ExpressionRule)
    }

    /// One entry of `foreach`: a list, and what is asked of its elements.
    struct Each: Sendable {
        let entry: ForeachEntry
        /// Whether patterns are held against the element; `nil` means: where it is an object.
        let elementScope: Bool?
        let body: Body
    }

    let message: VariableText?
    let action: FailureAction
    /// Whether an update may keep what was wrong before.
    let allowsExisting: Bool
    let body: Body

    private static let bodies = [
        "deny", "pattern", "anyPattern", "foreach", "podSecurity", "cel", "manifests", "assert",
    ]
    private static let known = Set(
        bodies + [
            "message", "failureAction", "failureActionOverrides", "allowExistingViolations",
        ])
    /// What an entry of `foreach` may ask of an element.
    private static let elementBodies = ["deny", "pattern", "anyPattern", "foreach"]

    /// Reads `validate`.
    init(
        _ value: JSONValue, at path: String, in place: PolicyPlace,
        preconditions: Fields, isOffline: Bool
    ) throws(PolicyProblem) {
        let fields = try Fields(value, at: path, in: place, known: Validation.known)
        if let cel = fields.value("cel") {
            _ = try fields.exactlyOne(of: Validation.bodies)
            message = nil
            body = .expressions(
                try Validation.expressions(cel, fields, preconditions: preconditions))
        } else {
            guard !preconditions.has("celPreconditions") else {
                throw preconditions.problem("celPreconditions", "need validate.cel")
            }
            message = try VariableText(fields, "message")
            body = try Validation.body(
                fields, among: Validation.bodies, depth: 0, isOffline: isOffline)
        }
        action = try FailureAction(
            fields, action: "failureAction", overrides: "failureActionOverrides")
        allowsExisting = try fields.bool("allowExistingViolations") ?? true
    }

    private static func expressions(
        _ cel: JSONValue, _ fields: Fields, preconditions: Fields
    ) throws(PolicyProblem) -> ExpressionRule {
        let place = fields.place
        return try ExpressionRule(
            cel, preconditions: preconditions.value("celPreconditions") ?? .null,
            message: try fields.string("message") ?? "", source: place.source,
            policy: place.policy, rule: place.rule ?? "", path: fields.child("cel"),
            preconditionsPath: preconditions.child("celPreconditions"))
    }

    private static func body(
        _ fields: Fields, among bodies: [String], depth: Int, isOffline: Bool
    ) throws(PolicyProblem) -> Body {
        let (key, value) = try fields.exactlyOne(of: bodies)
        switch key {
        case "deny":
            let deny = try Fields(
                value, at: fields.child(key), in: fields.place, known: ["conditions"])
            return .deny(try ConditionBlock(deny, "conditions"))
        case "pattern":
            return .pattern(try RulePattern(value, at: fields.child(key), in: fields.place))
        case "anyPattern":
            var patterns: [RulePattern] = []
            for (index, pattern) in try fields.list(key).enumerated() {
                patterns.append(
                    try RulePattern(
                        pattern, at: "\(fields.child(key))[\(index)]", in: fields.place))
            }
            return .anyPattern(patterns)
        case "foreach":
            return .foreach(
                try ForeachEntry.all(
                    of: fields, depth: depth, own: elementBodies + ["elementScope"],
                    isOffline: isOffline
                ) { fields, entry throws(PolicyProblem) in
                    Each(
                        entry: entry, elementScope: try fields.bool("elementScope"),
                        body: try body(
                            fields, among: elementBodies, depth: depth + 1, isOffline: isOffline))
                })
        case "podSecurity":
            return .podSecurity(try podSecurity(value, fields))
        default:
            throw fields.problem(key, "is not supported")
        }
    }

    private static func podSecurity(
        _ value: JSONValue, _ fields: Fields
    ) throws(PolicyProblem) -> PodSecurityRule {
        do throws(PodSecurityRuleProblem) {
            return try PodSecurityRule(reading: value, at: fields.child("podSecurity"))
        } catch {
            throw fields.place.problem(error.path, error.reason)
        }
    }
}

/// Whose document is being read, so that every refusal can name it.
struct PolicyPlace: Sendable {
    /// Where the policy was found.
    var source: String
    /// The policy's name.
    var policy: String
    /// The rule that is being read.
    var rule: String?

    /// A refusal of what stands at `path`.
    func problem(_ path: String, _ reason: String) -> PolicyProblem {
        PolicyProblem(source: source, policy: policy, rule: rule, path: path, reason: reason)
    }

    /// The same place, inside a rule.
    func inRule(_ name: String) -> PolicyPlace {
        PolicyPlace(source: source, policy: policy, rule: name)
    }
}

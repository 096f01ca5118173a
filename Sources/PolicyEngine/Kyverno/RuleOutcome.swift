/// What a rule, or a part of it, says about an object.
struct RuleOutcome {
    var outcome: PolicyResult.Outcome
    var message: String
    /// Where in the object the fault lies.
    var path: String?
    /// What is noted besides the verdict, by key.
    var annotations: [String: String]

    init(
        _ outcome: PolicyResult.Outcome, _ message: String, path: String? = nil,
        annotations: [String: String] = [:]
    ) {
        self.outcome = outcome
        self.message = message
        self.path = path
        self.annotations = annotations
    }
}

/// One rule about failures. All that it names must hold; what it leaves empty always holds.
public struct RetryRule: Hashable, Sendable {
    /// Exit codes, one of which must be the failure's.
    public var exitCodes: [Int]
    /// Classes, one of which must be the failure's.
    public var classes: [FailureClass]
    /// A pattern that must match the failure's text.
    public var messagePattern: String?
    /// What is done.
    public var action: RetryAction

    /// A rule by all its parts.
    public init(
        exitCodes: [Int] = [], classes: [FailureClass] = [], messagePattern: String? = nil,
        action: RetryAction
    ) {
        self.exitCodes = exitCodes
        self.classes = classes
        self.messagePattern = messagePattern
        self.action = action
    }

    /// Whether the rule speaks about the failure. `matches` holds a pattern against a text.
    func applies(
        to failure: ClassifiedFailure, matches: (_ pattern: String, _ text: String) -> Bool
    ) -> Bool {
        if !exitCodes.isEmpty {
            guard let code = failure.exitCode, exitCodes.contains(code) else { return false }
        }
        if !classes.isEmpty, !classes.contains(failure.kind) { return false }
        if let messagePattern { return matches(messagePattern, failure.text) }
        return true
    }
}

public import KubernetesCore

/// What the edge finds when an attempt's process is gone.
public struct AttemptExit: Hashable, Sendable {
    /// What became of the process.
    public var end: AttemptOutcome.End
    /// What it wrote as its result.
    public var result: JSONValue?
    /// Why there is no result although it wrote something.
    public var resultError: String?
    /// The end of its output.
    public var logTail: String?
    /// What people should know besides how it ended.
    public var note: String?

    /// What was found.
    public init(
        _ end: AttemptOutcome.End, result: JSONValue? = nil, resultError: String? = nil,
        logTail: String? = nil, note: String? = nil
    ) {
        self.end = end
        self.result = result
        self.resultError = resultError
        self.logTail = logTail
        self.note = note
    }
}

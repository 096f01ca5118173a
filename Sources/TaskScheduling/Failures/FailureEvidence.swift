/// What is known about an attempt that did not succeed.
public struct FailureEvidence: Hashable, Sendable {
    /// How the attempt ended.
    public enum Ending: Hashable, Sendable {
        /// The process ended by itself.
        case exited(code: Int)
        /// A signal ended the process that its runner did not send.
        case signalled(Int)
        /// It was stopped because its time was up.
        case timedOut
        /// The kernel ended it for lack of memory.
        case outOfMemory
        /// The process could not be started.
        case notStarted
        /// What it left behind breaks the task's contract, as a result that is too large does.
        case badResult
        /// The runner stopped it because the agent itself was told to end.
        case agentStopped
        /// The agent is gone; `reason` is the pod's, as in `Evicted`, and may be empty.
        case agentLost(reason: String)
    }

    /// How it ended.
    public var ending: Ending
    /// What was said about it.
    public var message: String
    /// The last lines that it wrote.
    public var logTail: String

    /// Evidence by all its parts.
    public init(_ ending: Ending, message: String = "", logTail: String = "") {
        self.ending = ending
        self.message = message
        self.logTail = logTail
    }

    /// The exit code; 128 + n for signal n, as shells have it; nil where no process ended.
    public var exitCode: Int? {
        switch ending {
        case .exited(let code): code
        case .signalled(let signal): 128 + min(max(0, signal), 127)
        case .outOfMemory: 137
        case .timedOut, .notStarted, .badResult, .agentStopped, .agentLost: nil
        }
    }

    /// What patterns are held against: the message, and the last few lines of the log, because a
    /// word of warning far above the end is not why it ended.
    public var text: String {
        let lines = logTail.split(separator: "\n").suffix(5)
        return ([message] + lines.map(String.init)).joined(separator: "\n")
    }
}

public import KubernetesCore

/// How an attempt ended, and whether the runner made it end.
public struct AttemptOutcome: Hashable, Sendable {
    /// What became of the process.
    public enum End: Hashable, Sendable {
        /// It exited with this code.
        case exited(Int)
        /// This signal ended it.
        case signalled(Int)
        /// It could not be started, for this reason.
        case notStarted(String)
        /// Nobody knows: the runner died or lost sight of it, for this reason.
        case lost(String)
    }

    /// Why the runner asked the process to end.
    public enum Stop: String, Hashable, Sendable, CaseIterable {
        /// Its time was over.
        case timedOut
        /// The task was cancelled.
        case cancelled
        /// The gateway asked for a checkpoint, to go on elsewhere.
        case checkpointed
        /// The agent itself was asked to end.
        case drained
    }

    /// What became of the process.
    public var end: End
    /// Why the runner asked it to end; `nil` where it ended by itself. With a reason here an exit
    /// code of 0 means that it stopped as asked, not that the work is done.
    public var stop: Stop?

    /// An outcome of these two parts.
    public init(_ end: End, stop: Stop? = nil) {
        self.end = end
        self.stop = stop
    }

    /// Whether the work is done: exit code 0, and nobody asked it to stop.
    public var isSuccess: Bool { end == .exited(0) && stop == nil }

    /// The exit code, where it exited.
    public var exitCode: Int? { if case .exited(let code) = end { code } else { nil } }

    /// The signal that ended it, if one did.
    public var signal: Int? { if case .signalled(let number) = end { number } else { nil } }

    /// Why it could not be started, if it could not.
    public var startFailure: String? { if case .notStarted(let why) = end { why } else { nil } }

    /// Whether its time was over.
    public var timedOut: Bool { stop == .timedOut }

    /// Whether it was stopped because the task was cancelled.
    public var cancelled: Bool { stop == .cancelled }

    /// Reads exactly one of `exitCode`, `signal`, `startFailure` and `lost`, and `stop`.
    public init(reading node: JSONNode) throws(JSONError) {
        stop = try node["stop"]?.choice(Stop.self)
        if let code = node["exitCode"] {
            end = .exited(try code.integer(in: 0...255))
        } else if let signal = node["signal"] {
            end = .signalled(try signal.integer(in: 1...128))
        } else if let reason = node["startFailure"] {
            end = .notStarted(try reason.string(atMost: ProtocolLimits.messageTextBytesMax))
        } else if let reason = node["lost"] {
            end = .lost(try reason.string(atMost: ProtocolLimits.messageTextBytesMax))
        } else {
            throw JSONError(
                .missing, at: node.path, "one of exitCode, signal, startFailure, lost is required")
        }
    }

    /// This outcome in JSON.
    public var json: JSONValue {
        var result: JSONValue
        switch end {
        case .exited(let code): result = ["exitCode": .int(code)]
        case .signalled(let number): result = ["signal": .int(number)]
        case .notStarted(let reason):
            result = ["startFailure": .string(reason.cut(to: ProtocolLimits.messageTextBytesMax))]
        case .lost(let reason):
            result = ["lost": .string(reason.cut(to: ProtocolLimits.messageTextBytesMax))]
        }
        result["stop"] = stop.map { .string($0.rawValue) }
        return result
    }
}

extension String {
    /// The longest prefix that has at most `bytes` bytes.
    func cut(to bytes: Int) -> String { ProtocolLimits.prefix(of: self, bytes: bytes) }
}

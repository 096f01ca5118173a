public import KubernetesCore

/// What an agent says about one lease that it holds.
public struct LeaseReport: Hashable, Sendable {
    /// Whether the attempt still goes on.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Accepted, being prepared, running or being stopped.
        case running
        /// Over; `outcome` says how. Sent again until the gateway says that it is stored.
        case finished
    }

    /// Which attempt.
    public var id: LeaseID
    /// Whether it still goes on.
    public var state: State
    /// The desired state that the agent has last heard of, so that a long poll knows what is news.
    public var desired: DesiredState
    /// When its process was started, by the agent's clock; `nil` before that.
    public var startedAt: Timestamp?
    /// When it was over, by the agent's clock.
    public var finishedAt: Timestamp?
    /// How far it says it is.
    public var progress: TaskProgress?
    /// How it ended; present exactly where `state` is `finished`.
    public var outcome: AttemptOutcome?
    /// What the task wrote as its result.
    public var result: JSONValue?
    /// Why there is no result although the task wrote something, in words.
    public var resultError: String?
    /// What happened, in a sentence for people.
    public var message: String
    /// The end of the task's output, at most 4 KiB.
    public var logTail: String?
    /// The last checkpoint that this attempt has committed.
    public var checkpoint: CheckpointCommit?

    /// A report on an attempt that goes on.
    public init(
        id: LeaseID, state: State = .running, desired: DesiredState = .run,
        startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, progress: TaskProgress? = nil,
        outcome: AttemptOutcome? = nil, result: JSONValue? = nil, resultError: String? = nil,
        message: String = "", logTail: String? = nil, checkpoint: CheckpointCommit? = nil
    ) {
        self.id = id
        self.state = state
        self.desired = desired
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.progress = progress
        self.outcome = outcome
        self.result = result
        self.resultError = resultError
        self.message = message
        self.logTail = logTail
        self.checkpoint = checkpoint
    }

    /// Reads one report.
    public init(reading node: JSONNode) throws(JSONError) {
        id = try LeaseID(reading: node)
        state = try node.required("state").choice(State.self)
        desired = try node["desired"]?.choice(DesiredState.self) ?? .run
        startedAt = try node["startedAt"]?.timestamp()
        finishedAt = try node["finishedAt"]?.timestamp()
        progress = try node["progress"].map(TaskProgress.init(reading:))
        outcome = try node["outcome"].map(AttemptOutcome.init(reading:))
        result = try node["result"]?.value(atMost: ProtocolLimits.resultBytesMax)
        resultError = try node["resultError"]?.string(atMost: ProtocolLimits.messageTextBytesMax)
        message = try node["message"]?.string(atMost: ProtocolLimits.messageTextBytesMax) ?? ""
        logTail = try node["logTail"]?.string(atMost: ProtocolLimits.logTailBytesMax)
        checkpoint = try node["checkpoint"].map(CheckpointCommit.init(reading:))
        guard (state == .finished) == (outcome != nil) else {
            throw JSONError(
                .mismatch, at: node.path, "a report has an outcome exactly when it is finished")
        }
    }

    /// This report in JSON; texts above their limits are cut.
    public var json: JSONValue {
        var result = id.json
        result["state"] = .string(state.rawValue)
        result["desired"] = .string(desired.rawValue)
        result["startedAt"] = startedAt.map { .string($0.milliText) }
        result["finishedAt"] = finishedAt.map { .string($0.milliText) }
        result["progress"] = progress?.json
        result["outcome"] = outcome?.json
        result["result"] = self.result
        result["resultError"] = resultError.map {
            .string($0.cut(to: ProtocolLimits.messageTextBytesMax))
        }
        if !message.isEmpty {
            result["message"] = .string(message.cut(to: ProtocolLimits.messageTextBytesMax))
        }
        result["logTail"] = logTail.map { .string($0.cut(to: ProtocolLimits.logTailBytesMax)) }
        result["checkpoint"] = checkpoint?.json
        return result
    }
}

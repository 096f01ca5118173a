public import KubernetesCore

/// What Swiftlet reads of a container's status.
public struct PodContainerView: Hashable, Sendable {
    /// What the container is at.
    public enum State: Hashable, Sendable {
        /// Not started, for this reason.
        case waiting(reason: String, message: String)
        /// Running.
        case running(since: Timestamp?)
        /// Ended.
        case terminated(Termination)
    }

    /// How a container ended.
    public struct Termination: Hashable, Sendable {
        /// What the process returned; 128 and the signal's number where a signal ended it.
        public var exitCode: Int
        /// The signal that ended it; nil or 0 where none did.
        public var signal: Int?
        /// Why, in one word, as in `OOMKilled`.
        public var reason: String
        /// Why, in a sentence.
        public var message: String
        /// When.
        public var finishedAt: Timestamp?

        /// An end by exit code and reason.
        public init(exitCode: Int, reason: String = "", message: String = "") {
            self.exitCode = exitCode
            self.reason = reason
            self.message = message
        }

        init(reading node: JSONNode) throws(JSONError) {
            exitCode = try node["exitCode"]?.integer() ?? 0
            signal = try node["signal"]?.integer()
            reason = try node["reason"]?.string() ?? ""
            message = try node["message"]?.string() ?? ""
            finishedAt = try node["finishedAt"]?.timestamp()
        }
    }

    /// The container's name.
    public var name: String
    /// Whether it is ready.
    public var isReady: Bool
    /// How often it was started anew.
    public var restartCount: Int
    /// What it is at.
    public var state: State
    /// How it ended before it was last started anew.
    public var lastTermination: Termination?

    /// A container in a state. For tests and models.
    public init(
        name: String, isReady: Bool = false, restartCount: Int = 0, state: State,
        lastTermination: Termination? = nil
    ) {
        self.name = name
        self.isReady = isReady
        self.restartCount = restartCount
        self.state = state
        self.lastTermination = lastTermination
    }

    /// Reads an element of `containerStatuses`.
    public init(reading node: JSONNode) throws(JSONError) {
        name = try node["name"]?.string() ?? ""
        isReady = try node["ready"]?.bool() ?? false
        restartCount = max(0, try node["restartCount"]?.integer() ?? 0)
        let current = node["state"]
        if let ended = current?["terminated"] {
            state = .terminated(try Termination(reading: ended))
        } else if let running = current?["running"] {
            state = .running(since: try running["startedAt"]?.timestamp())
        } else {
            let waiting = current?["waiting"]
            state = .waiting(
                reason: try waiting?["reason"]?.string() ?? "",
                message: try waiting?["message"]?.string() ?? "")
        }
        if let last = node["lastState"]?["terminated"] {
            lastTermination = try Termination(reading: last)
        }
    }

    /// The reasons for which a container waits that do not pass by themselves.
    public static let stuckReasons: Set<String> = [
        "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError",
        "ErrImageNeverPull", "ErrImagePull", "ImageInspectError", "ImagePullBackOff",
        "InvalidImageName", "RunContainerError",
    ]

    /// Whether it waits for something that does not pass by itself, or has failed.
    public var isTroubled: Bool {
        switch state {
        case .waiting(let reason, _): PodContainerView.stuckReasons.contains(reason)
        case .running: false
        case .terminated(let end): end.exitCode != 0
        }
    }
}

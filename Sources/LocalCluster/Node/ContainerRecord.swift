import KubernetesCore

/// What the node knows of one container: where it is in its life, and how often it started anew.
struct ContainerRecord: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case waiting(reason: String, message: String)
        case running(since: Timestamp)
        case terminated(Ending)
    }

    /// How a run of the container ended.
    struct Ending: Sendable, Equatable {
        let exitCode: Int
        let signal: Int
        let reason: String
        let message: String
        let started: Timestamp
        let finished: Timestamp

        var json: JSONValue {
            var value: JSONValue = [
                "exitCode": .int(exitCode), "reason": .string(reason),
                "startedAt": .string(started.description),
                "finishedAt": .string(finished.description),
            ]
            if signal != 0 { value["signal"] = .int(signal) }
            if !message.isEmpty { value["message"] = .string(message) }
            return ["terminated": value]
        }
    }

    let name: String
    let image: String
    let isInit: Bool
    var state: State
    var last: Ending?
    var restarts = 0
    var isReady = false
    var hasStarted = false
    /// When it may start again; nil unless it backs off.
    var startsAgain: Timestamp?

    /// The wait before the next start: ten seconds, doubled with each restart, at most five
    /// minutes.
    var backoff: Duration {
        .seconds(min(300, 10 << min(restarts, 5)))
    }

    var isRunning: Bool { if case .running = state { true } else { false } }

    var ending: Ending? { if case .terminated(let ending) = state { ending } else { nil } }

    /// The element of `containerStatuses`.
    func json(podUID: UID) -> JSONValue {
        let now: JSONValue =
            switch state {
            case .waiting(let reason, let message):
                message.isEmpty
                    ? ["waiting": ["reason": .string(reason)]]
                    : ["waiting": ["reason": .string(reason), "message": .string(message)]]
            case .running(let since): ["running": ["startedAt": .string(since.description)]]
            case .terminated(let ending): ending.json
            }
        return [
            "name": .string(name), "image": .string(image), "imageID": "",
            "containerID": .string(
                hasStarted ? "process://\(podUID.text)-\(name)-\(restarts)" : ""),
            "ready": .bool(isReady), "started": .bool(isRunning && hasStarted),
            "restartCount": .int(restarts), "state": now, "lastState": last?.json ?? [:],
        ]
    }
}

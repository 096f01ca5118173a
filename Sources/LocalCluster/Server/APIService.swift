import APIServerModel
import KubernetesCore
import Locking

/// What all exchanges of a server have in common.
final class APIService: Sendable {
    let host: APIServerHost
    let logs: any PodLogSource
    let limits: ConnectionLimits
    let faults: ConnectionFaults
    let load = RequestLoad()
    let date = DateField()

    init(
        host: APIServerHost, logs: any PodLogSource, limits: ConnectionLimits,
        faults: ConnectionFaults
    ) {
        self.host = host
        self.logs = logs
        self.limits = limits
        self.faults = faults
    }
}

/// How many requests are being answered.
final class RequestLoad: Sendable {
    private let count = Mutex(0)

    /// Counts one in; false where there are as many as may be.
    func enter(most: Int) -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    /// Counts one out.
    func leave() { count.withLock { $0 -= 1 } }
}

/// Where the logs of containers are read.
protocol PodLogSource: Sendable {
    /// A channel with what the container wrote, and with what it goes on to write where the request
    /// follows; nil where the container has not written yet because it never started.
    func open(_ request: PodLogRequest) -> FrameChannel?
}

/// What the server itself refuses a request with.
struct Refusal: Sendable {
    let code: Int
    let reason: String
    let message: String
    var fields: [(String, String)] = []

    static let tooMany = Refusal(
        code: 429, reason: "TooManyRequests",
        message: "Too many requests, please try again later.", fields: [("retry-after", "1")])

    static let notStored = Refusal(
        code: 500, reason: "InternalError",
        message: "the change could not be stored: the server is ending")

    static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(
            code: 413, reason: "RequestEntityTooLarge",
            message: "Request entity too large: limit is \(limit)")
    }

    static func noLog(_ request: PodLogRequest) -> Refusal {
        let container = "container \"\(request.container)\" in pod \"\(request.pod)\""
        return Refusal(
            code: 400, reason: "BadRequest",
            message: request.previous
                ? "previous terminated \(container) not found"
                : "\(container) is waiting to start: it has written no log yet")
    }

    var body: [UInt8] {
        let status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .int(code),
        ]
        return status.encoded()
    }
}

import Locking
import Logging

/// Tells a person what goes wrong with connections, without a line for each: see `FaultPace`.
final class ConnectionFaults: Sendable {
    private let pace = Mutex(FaultPace())
    private let log: Logger

    init(log: Logger) { self.log = log }

    /// A fault has happened; `detail` says what this one was.
    func note(_ fault: ConnectionFault, _ detail: String = "") {
        guard let more = pace.withLock({ $0.take(fault, at: .now) }) else { return }
        var metadata: Logger.Metadata = [:]
        if !detail.isEmpty { metadata["detail"] = "\(detail.prefix(300))" }
        if more > 0 { metadata["before"] = "\(more)" }
        log.warning("\(fault.message)", metadata: metadata)
    }

    /// An error of a connection.
    func note(_ error: any Error) {
        if let fault = ConnectionFault(error) { note(fault, "\(error)") }
    }
}

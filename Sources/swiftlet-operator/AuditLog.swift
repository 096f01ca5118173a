import ControlLoop
import Glibc
import KubernetesCore
import KubernetesRuntime
import Locking
import Logging
import Reconcilers
import ServiceLifecycle
import SwiftletAPI

/// Writes what `AuditTrail` reads off the history of objects, a JSON line each, to a file or to
/// standard output; log messages go to standard error, so that the two can be told apart. Only the
/// leader writes. A reader that is slow holds up nothing: lines wait, and those for which there is
/// no room are counted and said.
final class AuditLog: Service {
    /// Most batches of lines that wait to be written.
    private static let waitingMax = 50_000

    private let file: Int32
    private let leadership: LeadershipState
    private let log: Logger
    private let batches: AsyncStream<[UInt8]>
    private let tell: AsyncStream<[UInt8]>.Continuation
    private let lost = Mutex(0)

    /// The log that `--audit-log` names: a path, `-` for standard output; nil for none.
    init?(_ path: String?, leadership: LeadershipState, log: Logger) throws {
        guard let path else { return nil }
        self.leadership = leadership
        self.log = log
        (batches, tell) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Self.waitingMax))
        guard path != "-" else {
            file = STDOUT_FILENO
            return
        }
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw AuditLogError(
                description: "--audit-log \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Follows what changes in `cache` from now on.
    func follow(_ cache: ClusterCache) async {
        await cache.observe(BackgroundTask.self) { [self] changes, _ in
            write(changes.flatMap { AuditTrail.records(of: $0) })
        }
        await cache.observe(PoolVerdict.self) { [self] changes, _ in
            write(changes.flatMap { AuditTrail.records(of: $0) })
        }
    }

    /// Has records written down, with the time.
    func write(_ records: [JSONValue]) {
        guard !records.isEmpty, leadership.current != nil else { return }
        let time = JSONValue.string(SystemTime().now.time.milliText)
        var bytes: [UInt8] = []
        for var record in records {
            record["time"] = time
            bytes += record.encoded() + [UInt8(ascii: "\n")]
        }
        if case .dropped = tell.yield(bytes) { note("nobody reads it fast enough", records.count) }
    }

    /// Writes until the process is asked to end, and then what is left.
    func run() async throws {
        await withGracefulShutdownHandler {
            var lines = LineFile(descriptor: file)
            for await bytes in batches {
                if let loss = await lines.write(bytes) { note(loss.reason, loss.lines) }
            }
        } onGracefulShutdown: { [tell] in
            tell.finish()
        }
    }

    /// Says at the first loss, and then once for every thousand, that records are lost.
    private func note(_ reason: String, _ records: Int) {
        let (before, count) = lost.withLock { lost in
            defer { lost &+= records }
            return (lost, lost &+ records)
        }
        guard before == 0 || before / 1_000 != count / 1_000 else { return }
        log.error(
            "the audit log loses records",
            metadata: ["reason": "\(reason)", "records": "\(count)"])
    }
}

/// The audit log cannot be opened.
struct AuditLogError: Error, CustomStringConvertible {
    let description: String
}

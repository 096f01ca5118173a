import Locking

/// Whether this process is alive and ready, as far as its parts say.
public final class Health: Sendable {
    /// What a check found: nil where all is well, else the reason in one sentence.
    public typealias Check = @Sendable () -> String?

    /// All checks of one kind together.
    public struct Report: Sendable, Equatable {
        /// The checks that failed, by name, with their reasons; in order of names.
        public let failures: [String]

        /// Whether all checks passed.
        public var isHealthy: Bool { failures.isEmpty }

        /// For people: `ok`, or one line for each failed check.
        public var text: String { isHealthy ? "ok" : failures.joined(separator: "\n") }
    }

    private struct Checks {
        var liveness: [String: Check] = [:]
        var readiness: [String: Check] = [:]
    }

    private let checks = Mutex(Checks())

    /// Health without checks: alive and ready.
    public init() {}

    /// Adds a check of liveness: where it fails, the process should be restarted.
    public func addLiveness(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0.liveness[name] = check }
    }

    /// Adds a check of readiness: where it fails, the process should get no traffic.
    public func addReadiness(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0.readiness[name] = check }
    }

    /// Runs the checks of liveness.
    public var liveness: Report { report(checks.withLock { $0.liveness }) }

    /// Runs the checks of readiness.
    public var readiness: Report { report(checks.withLock { $0.readiness }) }

    private func report(_ checks: [String: Check]) -> Report {
        Report(
            failures: checks.sorted { $0.key < $1.key }.compactMap { name, check in
                check().map { "\(name): \($0)" }
            })
    }
}

public import AgentProtocol
public import KubernetesCore

/// What an attempt has said about itself through the gateway, beside what its agent reports of it.
public struct AttemptNote: Hashable, Sendable {
    /// How an attempt says that it has ended.
    public enum End: Hashable, Sendable {
        /// The work is done, with this result.
        case done(JSONValue?)
        /// It could not be done, for this reason.
        case failed(String)
    }

    /// How far it says it is.
    public var progress: TaskProgress?
    /// How it says that it has ended; nil while it has not.
    public var end: End?

    /// An attempt that has said nothing.
    public init() {}

    /// The agent's report with what the attempt itself has said. An end that the attempt declared
    /// counts, however its process ends afterwards: it is told to stop once the end is durable.
    public func added(to report: LeaseReport) -> LeaseReport {
        var report = report
        if let progress { report.progress = progress }
        switch end {
        case nil: break
        case .done(let result):
            report.state = .finished
            report.outcome = AttemptOutcome(.exited(0))
            report.result = result
            report.resultError = nil
        case .failed(let message):
            report.state = .finished
            report.outcome = AttemptOutcome(.exited(1))
            report.result = nil
            report.resultError = nil
            report.message = message
        }
        return report
    }
}

extension AgentSession {
    /// The session with what attempts of the agent have said themselves. An attempt of which the
    /// agent has not reported yet is left to its next call.
    public func adding(_ notes: [LeaseID: AttemptNote]) -> AgentSession {
        guard !notes.isEmpty else { return self }
        var session = self
        session.reports = reports.map { notes[$0.id]?.added(to: $0) ?? $0 }
        return session
    }
}

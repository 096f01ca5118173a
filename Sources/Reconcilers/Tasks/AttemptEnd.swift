import AgentProtocol
import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// How an attempt ended, as far as the task is concerned.
enum AttemptEnd: Hashable, Sendable {
    /// The work is done; what it gave back.
    case succeeded(JSONValue?)
    /// It stopped because it was asked to, and may go on elsewhere.
    case stopped(why: String)
    /// It failed.
    case failed(ClassifiedFailure, message: String, logTail: String?)
    /// Nobody knows how it ended, because its agent was lost.
    case lost(ClassifiedFailure, message: String)

    /// What a finished report says.
    init(_ report: LeaseReport) {
        let outcome = report.outcome ?? AttemptOutcome(.lost("the report has no outcome"))
        let tail = report.logTail ?? ""
        func failure(_ ending: FailureEvidence.Ending, _ message: String) -> AttemptEnd {
            .failed(
                FailureClassifier.classify(
                    FailureEvidence(ending, message: message, logTail: tail)),
                message: message, logTail: report.logTail)
        }
        if outcome.isSuccess {
            let size = report.result?.text.utf8.count ?? 0
            if let error = report.resultError {
                self = failure(.badResult, error)
            } else if size > Bounds.resultBytes {
                self = failure(
                    .badResult,
                    "The result has \(size) bytes, more than the \(Bounds.resultBytes) allowed.")
            } else {
                self = .succeeded(report.result)
            }
            return
        }
        switch outcome.stop {
        case .timedOut:
            self = failure(.timedOut, report.message.isEmpty ? "Time is up." : report.message)
        case .cancelled: self = .stopped(why: "it was cancelled")
        case .checkpointed: self = .stopped(why: "it was asked to stop")
        case .drained: self = .stopped(why: "its agent was drained")
        case nil:
            switch outcome.end {
            case .exited(let code):
                self = failure(
                    .exited(code: code),
                    report.message.isEmpty ? "Exit code \(code)." : report.message)
            case .signalled(let signal):
                self = failure(
                    .signalled(signal),
                    report.message.isEmpty ? "Ended by signal \(signal)." : report.message)
            case .notStarted(let why): self = failure(.notStarted, why)
            case .lost(let why): self = .lost(reason: "AttemptLost", message: why)
            }
        }
    }

    /// The loss of an agent; `reason` is the pod's.
    static func lost(reason: String, message: String) -> AttemptEnd {
        let failure = FailureClassifier.classify(
            FailureEvidence(.agentLost(reason: reason), message: message))
        return failure.kind == .infrastructure
            ? .lost(failure, message: message)
            : .failed(failure, message: message, logTail: nil)
    }

    /// An attempt whose result breaks the contract of its type.
    static func breached(_ breach: String, type: String) -> AttemptEnd {
        let message = "The result breaks the contract of type \(type): \(breach)."
        return .failed(
            FailureClassifier.classify(FailureEvidence(.badResult, message: message)),
            message: message, logTail: nil)
    }

    /// An attempt that its agent did not stop in time.
    static func overdue(seconds: Int) -> AttemptEnd {
        let message = "The attempt took longer than \(seconds) seconds."
        return .failed(
            FailureClassifier.classify(FailureEvidence(.timedOut, message: message)),
            message: message, logTail: nil)
    }
}

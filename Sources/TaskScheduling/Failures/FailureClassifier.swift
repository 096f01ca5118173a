/// Tells from the evidence what kind of failure it was.
///
/// What is certain comes first: how the attempt ended, then what the exit code means by convention
/// (sysexits.h; 126 and 127 of shells), then what the text says, the gravest first. Whatever says
/// nothing is the work's own failure.
public enum FailureClassifier {
    /// The class and reason of a failure.
    public static func classify(_ evidence: FailureEvidence) -> ClassifiedFailure {
        let (kind, reason) = verdict(evidence)
        return ClassifiedFailure(
            kind, reason: reason, exitCode: evidence.exitCode, text: evidence.text)
    }

    private static func verdict(_ evidence: FailureEvidence) -> (FailureClass, String) {
        switch evidence.ending {
        case .timedOut: return (.timeout, "TimedOut")
        case .outOfMemory: return (.resource, "OutOfMemory")
        case .badResult: return (.application, "BadResult")
        case .agentStopped: return (.infrastructure, "AgentStopped")
        case .notStarted:
            return byText(evidence.text, among: [.resource]) ?? (.environment, "NotStarted")
        case .agentLost(let reason): return agentLost(reason, evidence.message)
        // Programs that cannot get memory end themselves.
        case .signalled(6):
            let cause = byText(evidence.text, among: [.resource])
            return cause?.1 == "OutOfMemory" ? (.resource, "OutOfMemory") : bySignal(6)
        case .signalled(let signal): return bySignal(signal)
        case .exited(let code):
            if code == 128 + 6 {
                return verdict(
                    FailureEvidence(
                        .signalled(6), message: evidence.message, logTail: evidence.logTail))
            }
            if code > 128, code < 160 { return bySignal(code - 128) }
            return byCode(code, evidence.text)
        }
    }

    /// By the reason on the pod. Only what the attempt itself used up is held against it; all else
    /// (`Evicted`, `Shutdown`, `Terminated`, `NodeLost`, `DeletionByTaintManager`, …) is a loss.
    private static func agentLost(
        _ reason: String, _ message: String
    ) -> (FailureClass, String) {
        switch reason {
        case "OOMKilled", "OutOfMemory": return (.resource, "OutOfMemory")
        case "Evicted":
            let text = message.lowercased()
            let isOwnUse =
                text.contains("exceeds the total limit") || text.contains("exceeded its local")
                || text.contains("usage of emptydir volume")
            return isOwnUse ? (.resource, "DiskLimitExceeded") : (.infrastructure, "Evicted")
        case "": return (.infrastructure, "AgentLost")
        default:
            let isWord = reason.utf8.count <= 64 && reason.utf8.allSatisfy(isLetter)
            return (.infrastructure, isWord ? reason : "AgentLost")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func bySignal(_ signal: Int) -> (FailureClass, String) {
        switch signal {
        // A process that is killed while its runner lives was killed by the kernel for memory.
        case 9: (.resource, "Killed")
        case 24: (.resource, "CPULimitExceeded")
        case 25: (.resource, "FileSizeLimitExceeded")
        case 2, 15: (.infrastructure, "Terminated")
        case 4, 5, 6, 7, 8, 11: (.application, "Crashed")
        default: (.application, "Signalled")
        }
    }

    private static func byCode(_ code: Int, _ text: String) -> (FailureClass, String) {
        switch code {
        case 126: return (.environment, "NotExecutable")
        case 127: return (.environment, "CommandNotFound")
        case 69, 71, 72, 74, 76, 78: return (.environment, "EnvironmentError")
        case 75: return (.resource, "TemporaryFailure")
        default:
            return byText(text, among: [.critical, .resource, .environment, .timeout])
                ?? (.application, "ExitCode")
        }
    }

    private static func byText(
        _ text: String, among kinds: [FailureClass]
    ) -> (FailureClass, String)? {
        let lowered = text.lowercased()
        for kind in kinds {
            for (phrase, reason) in phrases[kind] ?? [] where lowered.contains(phrase) {
                return (kind, reason)
            }
        }
        return nil
    }

    /// Phrases that programs and libraries use for failures of a class, in lower case.
    private static let phrases: [FailureClass: [(String, String)]] = [
        .critical: [
            ("data corruption", "DataCorruption"), ("corrupted data", "DataCorruption"),
            ("integrity check failed", "IntegrityCheckFailed"),
            ("security violation", "SecurityViolation"),
        ],
        .resource: [
            ("memory exhausted", "OutOfMemory"),
            ("out of memory", "OutOfMemory"), ("cannot allocate memory", "OutOfMemory"),
            ("memoryerror", "OutOfMemory"), ("outofmemoryerror", "OutOfMemory"),
            ("bad_alloc", "OutOfMemory"), ("failed to allocate memory", "OutOfMemory"),
            ("no space left on device", "DiskFull"), ("disk quota exceeded", "DiskFull"),
            ("too many open files", "TooManyOpenFiles"),
            ("too many requests", "RateLimited"), ("rate limit exceeded", "RateLimited"),
            ("resource temporarily unavailable", "ResourceUnavailable"),
        ],
        .environment: [
            ("connection refused", "ConnectionRefused"),
            ("connection reset", "ConnectionReset"), ("no such host", "NameNotResolved"),
            ("could not resolve host", "NameNotResolved"),
            ("name or service not known", "NameNotResolved"),
            ("temporary failure in name resolution", "NameNotResolved"),
            ("network is unreachable", "NetworkUnreachable"),
            ("no route to host", "NetworkUnreachable"),
            ("command not found", "CommandNotFound"),
            ("read-only file system", "ReadOnlyFileSystem"),
        ],
        .timeout: [
            ("deadline exceeded", "DeadlineExceeded"), ("timed out", "TimedOut"),
        ],
    ]
}

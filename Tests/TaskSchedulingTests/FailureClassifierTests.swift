import TaskScheduling
import Testing

struct FailureClassifierTests {
    @Test(arguments: [
        (FailureEvidence(.exited(code: 1)), FailureClass.application, "ExitCode"),
        (FailureEvidence(.exited(code: 126)), .environment, "NotExecutable"),
        (FailureEvidence(.exited(code: 127)), .environment, "CommandNotFound"),
        (FailureEvidence(.exited(code: 69)), .environment, "EnvironmentError"),
        (FailureEvidence(.exited(code: 75)), .resource, "TemporaryFailure"),
        (FailureEvidence(.exited(code: 137)), .resource, "Killed"),
        (FailureEvidence(.exited(code: 139)), .application, "Crashed"),
        (FailureEvidence(.exited(code: 143)), .infrastructure, "Terminated"),
        (FailureEvidence(.signalled(9)), .resource, "Killed"),
        (FailureEvidence(.signalled(11)), .application, "Crashed"),
        (FailureEvidence(.signalled(25)), .resource, "FileSizeLimitExceeded"),
        (FailureEvidence(.outOfMemory), .resource, "OutOfMemory"),
        // What programs do and say that are given no more memory.
        (FailureEvidence(.signalled(6)), .application, "Crashed"),
        (FailureEvidence(.signalled(6), logTail: "std::bad_alloc"), .resource, "OutOfMemory"),
        (FailureEvidence(.exited(code: 134), logTail: "bad_alloc"), .resource, "OutOfMemory"),
        (FailureEvidence(.exited(code: 134)), .application, "Crashed"),
        (FailureEvidence(.exited(code: 1), logTail: "MemoryError"), .resource, "OutOfMemory"),
        (
            FailureEvidence(.exited(code: 1), logTail: "dd: memory exhausted by input buffer"),
            .resource, "OutOfMemory"
        ),
        (
            FailureEvidence(
                .signalled(9), message: "out of memory: its processes took 300 MiB"), .resource,
            "Killed"
        ),
        (FailureEvidence(.timedOut), .timeout, "TimedOut"),
        (FailureEvidence(.notStarted, message: "posix_spawn failed"), .environment, "NotStarted"),
        (
            FailureEvidence(.notStarted, message: "fork: Cannot allocate memory"), .resource,
            "OutOfMemory"
        ),
        (FailureEvidence(.badResult, message: "timed out"), .application, "BadResult"),
        (FailureEvidence(.agentStopped), .infrastructure, "AgentStopped"),
    ])
    func `how an attempt ended decides first`(
        evidence: FailureEvidence, kind: FailureClass, reason: String
    ) {
        let failure = FailureClassifier.classify(evidence)
        #expect(failure.kind == kind)
        #expect(failure.reason == reason)
    }

    @Test(arguments: [
        ("", "", FailureClass.infrastructure, "AgentLost"),
        ("Evicted", "The node was low on resource: memory.", .infrastructure, "Evicted"),
        (
            "Evicted",
            "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.",
            .resource, "DiskLimitExceeded"
        ),
        (
            "Evicted", "Usage of EmptyDir volume \"work\" exceeds the limit \"1Gi\".", .resource,
            "DiskLimitExceeded"
        ),
        ("OOMKilled", "", .resource, "OutOfMemory"),
        (
            "Shutdown", "Pod was terminated in response to imminent node shutdown.",
            .infrastructure, "Shutdown"
        ),
        ("NodeLost", "", .infrastructure, "NodeLost"),
        ("DeletionByTaintManager", "", .infrastructure, "DeletionByTaintManager"),
        ("not a word; \u{7}", "", .infrastructure, "AgentLost"),
    ])
    func `the loss of an agent is told from what the attempt used up itself`(
        podReason: String, message: String, kind: FailureClass, reason: String
    ) {
        let failure = FailureClassifier.classify(
            FailureEvidence(.agentLost(reason: podReason), message: message))
        #expect(failure.kind == kind)
        #expect(failure.reason == reason)
    }

    @Test(arguments: [
        ("curl: (7) Failed to connect: Connection refused", FailureClass.environment),
        ("write error: No space left on device", .resource),
        ("HTTP 429 Too Many Requests", .resource),
        ("integrity check failed for block 7; connection refused", .critical),
        ("context deadline exceeded", .timeout),
        ("3 tests failed", .application),
    ])
    func `the last lines of the log decide where the exit code says nothing`(
        line: String, kind: FailureClass
    ) {
        let failure = FailureClassifier.classify(
            FailureEvidence(.exited(code: 1), logTail: "started\n\(line)\n"))
        #expect(failure.kind == kind)
    }

    @Test func `a word far above the end does not decide`() {
        let log = "connection refused\n" + String(repeating: "working\n", count: 20)
        let failure = FailureClassifier.classify(
            FailureEvidence(.exited(code: 2), logTail: log))
        #expect(failure.kind == .application)
        #expect(failure.exitCode == 2)
    }
}

import AgentProtocol
import KubernetesCore
import Testing

struct MessageTests {
    private let id = LeaseID(taskUID: UID("7f3a-1"), attempt: 2)

    private func spec() -> LeaseSpec {
        LeaseSpec(
            namespace: "shop", name: "lint", command: ["/bin/sh", "-c"], args: ["exit 0"],
            env: [
                TaskVariable("A", value: "1"),
                TaskVariable("B", .secret(name: "keys", key: "token")),
            ],
            input: ["files": ["a", "b"]], timeoutSeconds: 5, graceSeconds: 1,
            restore: CheckpointRef(sequence: 4, bytes: 10, digest: "sha256:00"), persona: "# QA")
    }

    @Test func `a request is read as it was written`() throws {
        let request = SyncRequest(
            namespace: "shop", pod: "qa-1", instance: "x1", sequence: 9, slots: 3, draining: true,
            waitSeconds: 20, usage: .init(cpuMillis: 10, memoryBytes: 20, diskBytes: 30),
            reports: [
                LeaseReport(
                    id: id, state: .finished, desired: .cancel,
                    startedAt: Timestamp("2026-01-02T03:04:05.678Z"),
                    finishedAt: Timestamp("2026-01-02T03:04:06Z"),
                    progress: TaskProgress(percent: 42, message: "half"),
                    outcome: AttemptOutcome(.exited(3), stop: .cancelled), result: ["ok": true],
                    resultError: "no", message: "exited", logTail: "last words",
                    checkpoint: CheckpointCommit(
                        CheckpointRef(sequence: 1, bytes: 2, digest: "sha256:ff"),
                        time: Timestamp(seconds: 1)))
            ])
        #expect(try SyncRequest(parsing: request.json.encoded()) == request)
    }

    @Test func `what an agent says that it uses has bounds`() throws {
        func request(_ usage: String) throws -> SyncRequest {
            try SyncRequest(
                parsing: Array(
                    """
                    {"namespace":"n","pod":"p","instance":"i","sequence":1,"slots":1,
                    "usage":\(usage)}
                    """.utf8))
        }
        let plain = try request(#"{"cpuMillis":1,"memoryBytes":2}"#)
        #expect(plain.usage == .init(cpuMillis: 1, memoryBytes: 2))
        for usage in [
            #"{"cpuMillis":-1,"memoryBytes":2}"#, #"{"cpuMillis":1}"#, "[]",
            #"{"cpuMillis":1,"memoryBytes":9223372036854775807}"#,
            #"{"cpuMillis":1,"memoryBytes":2,"diskBytes":-1}"#,
            #"{"cpuMillis":1,"memoryBytes":2,"diskBytes":1e300}"#,
        ] {
            #expect(throws: JSONError.self, "\(usage)") { try request(usage) }
        }
        let most = SyncRequest.Usage(cpuMillis: .max, memoryBytes: .max, diskBytes: .max)
        var written = plain
        written.usage = most
        #expect(throws: Never.self) { try SyncRequest(parsing: written.json.encoded()) }
    }

    @Test func `a reply is read as it was written`() throws {
        let request = SyncRequest(
            namespace: "shop", pod: "qa-1", instance: "x1", sequence: 9, slots: 3)
        let reply = SyncReply(
            to: request, leases: [.init(id, spec: spec(), desired: .checkpointAndStop)],
            stored: [LeaseID(taskUID: UID("b"), attempt: 1)],
            refused: [.init(LeaseID(taskUID: UID("c"), attempt: 1), reason: "not yours")],
            nextSyncSeconds: 3)
        #expect(try SyncReply(parsing: reply.json.encoded()) == reply)
    }

    @Test(arguments: [
        AttemptOutcome(.exited(0)), AttemptOutcome(.signalled(9), stop: .timedOut),
        AttemptOutcome(.notStarted("no such file")), AttemptOutcome(.lost("gone"), stop: .drained),
    ])
    func `an outcome is read as it was written`(outcome: AttemptOutcome) throws {
        let document = try JSONDocument(parsing: outcome.json.encoded())
        #expect(try AttemptOutcome(reading: document.root) == outcome)
    }

    @Test func `an exit code of 0 after a stop is no success`() {
        #expect(AttemptOutcome(.exited(0)).isSuccess)
        #expect(!AttemptOutcome(.exited(0), stop: .drained).isSuccess)
        #expect(!AttemptOutcome(.exited(1)).isSuccess)
    }

    @Test(arguments: [
        "{}", "[]", "nonsense",
        #"{"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":0}"#,
        #"{"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":9999}"#,
        #"{"namespace":"a","pod":"b","instance":"c","sequence":-1,"slots":1}"#,
        #"{"namespace":"a","pod":"b","instance":"c","sequence":1e400,"slots":1}"#,
        #"{"namespace":"a","pod":"b","pod":"d","instance":"c","sequence":1,"slots":1}"#,
        #"""
        {"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":1,
         "reports":[{"taskUID":"../x","attempt":1,"state":"running"}]}
        """#,
        #"""
        {"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":1,
         "reports":[{"taskUID":"x","attempt":0,"state":"running"}]}
        """#,
        #"""
        {"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":1,
         "reports":[{"taskUID":"x","attempt":1,"state":"finished"}]}
        """#,
        #"""
        {"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":1,
         "reports":[{"taskUID":"x","attempt":1,"state":"running"},
                    {"taskUID":"x","attempt":1,"state":"running"}]}
        """#,
        #"""
        {"namespace":"a","pod":"b","instance":"c","sequence":1,"slots":1,
         "reports":[{"taskUID":"x","attempt":1,"state":"finished","outcome":{"exitCode":256}}]}
        """#,
    ])
    func `a broken request is refused`(text: String) {
        #expect(throws: JSONError.self) { try SyncRequest(parsing: Array(text.utf8)) }
    }

    @Test func `texts above their limits are cut by the writer and refused by the reader`() throws {
        var report = LeaseReport(
            id: id, message: String(repeating: "é", count: 4_000),
            logTail: String(repeating: "x", count: 9_000))
        let written = try JSONDocument(parsing: report.json.encoded())
        let read = try LeaseReport(reading: written.root)
        #expect(read.message.utf8.count == 1_024)
        #expect(read.logTail?.utf8.count == 4_096)
        report.message = ""
        report.logTail = nil
        var json = report.json
        json["logTail"] = .string(String(repeating: "x", count: 5_000))
        let long = try JSONDocument(parsing: json.encoded())
        #expect(throws: JSONError.self) { try LeaseReport(reading: long.root) }
    }

    @Test(arguments: [
        ("42 half", TaskProgress(percent: 42, message: "half")),
        ("42", TaskProgress(percent: 42)), ("42%", TaskProgress(percent: 42)),
        ("99.7 nearly", TaskProgress(percent: 99, message: "nearly")),
        ("-3 x", TaskProgress(percent: 0, message: "x")),
        ("1e9 x", TaskProgress(percent: 100, message: "x")),
        ("5 a\u{1B}[31mb\tc", TaskProgress(percent: 5, message: "a [31mb c")),
        ("", nil), ("half", nil), ("nan x", nil), ("inf", nil), ("%", nil),
    ])
    func `progress lines are read with care`(line: String, progress: TaskProgress?) {
        #expect(TaskProgress(line: line) == progress)
    }

    @Test func `a long progress message is cut at a character`() {
        let progress = TaskProgress(percent: 1, message: String(repeating: "ü", count: 1_000))
        #expect(progress.message.utf8.count == 256)
    }

    @Test func `a long poll waits exactly while the reply says what the request shows`() {
        var request = SyncRequest(
            namespace: "a", pod: "b", instance: "c", sequence: 1, slots: 1)
        let reply = SyncReply(to: request, leases: [.init(id, spec: spec())])
        #expect(reply.isNews(for: request))
        request.reports = [LeaseReport(id: id)]
        #expect(!reply.isNews(for: request))
        #expect(SyncReply(to: request).isNews(for: request))
        #expect(
            SyncReply(to: request, leases: [.init(id, spec: nil, desired: .cancel)]).isNews(
                for: request))
        request.reports[0].desired = .cancel
        #expect(
            !SyncReply(to: request, leases: [.init(id, spec: nil, desired: .cancel)]).isNews(
                for: request))
        #expect(reply.withoutKnownSpecs(for: request).leases[0].spec == nil)
        request.reports = []
        #expect(reply.withoutKnownSpecs(for: request).leases[0].spec != nil)
    }
}

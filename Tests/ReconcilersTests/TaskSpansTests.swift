import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// The spans that tell the story of a task.
@Suite struct TaskSpansTests {
    static let start = Timestamp(seconds: 1_800_000_000)
    static let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// A task that failed once and then succeeded.
    static func task(_ traceparent: String = given) -> BackgroundTask {
        var spec = BackgroundTaskSpec()
        spec.poolRef = .init(name: "qa", namespace: "agents")
        var metadata = ObjectMeta(
            name: "t", namespace: "team", uid: UID("u1"),
            annotations: [SwiftletNames.Annotation.traceparent: traceparent])
        metadata.creationTime = start
        var task = BackgroundTask(metadata: metadata, spec: spec)
        task.status.phase = .succeeded
        task.status.attempt = 2
        task.status.retries = 1
        task.status.completionTime = start + .seconds(60)
        let agent = BackgroundTaskStatus.Agent(name: "qa-1", uid: UID("pod"))
        let failed = BackgroundTaskStatus.Attempt(
            number: 1, agent: agent, startTime: start + .seconds(5),
            completionTime: start + .seconds(15), outcome: .failed,
            failure: .init(class: .application, reason: "ExitCode", message: "it broke"))
        let succeeded = BackgroundTaskStatus.Attempt(
            number: 2, agent: agent, startTime: start + .seconds(30),
            completionTime: start + .seconds(60), outcome: .succeeded)
        task.status.attempts = [failed, succeeded]
        return task
    }

    @Test func `a task is a span with its wait and its attempts below it`() throws {
        let task = Self.task()
        let spans = TaskSpans.spans(of: task)
        #expect(
            spans.map(\.name) == [
                "swiftlet.task", "swiftlet.queue", "swiftlet.attempt", "swiftlet.attempt",
            ])
        #expect(spans[0].parent == "00f067aa0ba902b7")
        #expect(spans.dropFirst().allSatisfy { $0.parent == task.trace.spanID })
        #expect(
            spans.allSatisfy {
                $0.context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && $0.start <= $0.end
            })
        #expect(spans[1].end == Self.start + .seconds(5))
        #expect(spans[0].fault == nil)
        #expect(spans[2].fault == "it broke")
        // What an attempt's own program saw as its trace is the span that is exported for it.
        #expect(spans[3].context == task.trace(ofAttempt: 2))
    }

    @Test func `spans are told once, when a task ends, and not of what had ended before`() {
        let ended = Self.task()
        var running = ended
        running.status.phase = .running
        #expect(TaskSpans.ended([.changed(from: running, to: ended)]).count == 4)
        #expect(TaskSpans.ended([.added(ended), .changed(from: ended, to: ended)]).isEmpty)
        var other = running
        other.metadata.uid = UID("another")
        #expect(TaskSpans.ended([.changed(from: other, to: ended)]).isEmpty)
        #expect(TaskSpans.spans(of: running).isEmpty)
    }

    @Test func `a trace that its submitter does not record is not exported`() {
        #expect(TaskSpans.spans(of: Self.task(String(Self.given.dropLast()) + "0")).isEmpty)
    }

    @Test func `times that run backwards make no negative span`() {
        var task = Self.task()
        task.status.completionTime = Self.start - .seconds(9)
        task.status.attempts[0].completionTime = Self.start - .seconds(9)
        #expect(TaskSpans.spans(of: task).allSatisfy { $0.start <= $0.end })
    }

    @Test func `an export is written as the protocol's JSON asks for`() throws {
        let body = TraceExport.body(TaskSpans.spans(of: Self.task()), instance: "op-1")
        let resource = try #require(body["resourceSpans"]?[0])
        let attributes = resource["resource"]?["attributes"]?.array ?? []
        #expect(
            attributes.contains([
                "key": "service.name", "value": ["stringValue": "swiftlet-operator"],
            ]))
        let spans = try #require(resource["scopeSpans"]?[0]?["spans"]?.array)
        #expect(spans.count == 4)
        let attempt = try #require(spans.dropFirst(2).first)
        #expect(attempt["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(attempt["startTimeUnixNano"] == "1800000005000000000")
        #expect(attempt["status"] == ["code": 2, "message": "it broke"])
        #expect(
            attempt["attributes"]?.array?.contains([
                "key": "swiftlet.attempt.number", "value": ["intValue": "1"],
            ]) == true)
        #expect(spans[0]["status"] == nil)
    }

    @Test(arguments: [
        (200, false), (400, false), (404, false), (429, true), (500, false), (503, true),
    ])
    func `only what the protocol calls retryable is sent again`(status: Int, again: Bool) {
        #expect(TraceExport.isRetryable(status: status) == again)
    }
}

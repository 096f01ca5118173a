import KubernetesCore
import SwiftletAPI
import Testing

/// The trace that a task belongs to.
@Suite struct TraceContextTests {
    static let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    static func task(_ traceparent: String? = nil, uid: String = "u1") -> BackgroundTask {
        BackgroundTask(
            metadata: ObjectMeta(
                name: "t", namespace: "team", uid: UID(uid),
                annotations: traceparent.map { [SwiftletNames.Annotation.traceparent: $0] } ?? [:]))
    }

    @Test func `a traceparent reads back as it was written`() throws {
        let context = try #require(TraceContext(traceparent: Self.given))
        #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.traceparent == Self.given)
        let silent = Self.given.dropLast(2) + "00"
        #expect(TraceContext(traceparent: String(silent))?.isSampled == false)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
    ])
    func `what is no traceparent is none`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
        // The task then has a trace of its own.
        #expect(Self.task(text).trace == Self.task().trace)
    }

    @Test func `of a later version the known parts are read`() {
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what.comes.later"
        #expect(TraceContext(traceparent: later)?.spanID == "00f067aa0ba902b7")
    }

    @Test func `a task joins its submitter's trace, and names its own spans`() throws {
        let task = Self.task(Self.given)
        #expect(task.trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(task.parentTrace?.spanID == "00f067aa0ba902b7")
        let spans = [
            task.trace.spanID, task.queueTrace.spanID, task.trace(ofAttempt: 1).spanID,
            task.trace(ofAttempt: 2).spanID, "00f067aa0ba902b7",
        ]
        #expect(Set(spans).count == spans.count)
        #expect(TraceContext(traceparent: task.trace.traceparent) == task.trace)
    }

    @Test func `without a submitter's trace it follows from the object, and from nothing else`() {
        #expect(Self.task().trace == Self.task().trace)
        #expect(Self.task().trace.traceID != Self.task(uid: "u2").trace.traceID)
        #expect(Self.task().trace.isSampled)
        #expect(Self.task().parentTrace == nil)
    }
}

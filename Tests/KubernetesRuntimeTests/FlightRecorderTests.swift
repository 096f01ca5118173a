import ControlLoop
import GadgetTesting
import KubernetesClient
import KubernetesCore
import Testing

@testable import KubernetesRuntime

@Suite struct FlightRecorderTests {
    private func lines(_ recorder: FlightRecorder) throws -> [JSONValue] {
        try recorder.text().split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    @Test func `a plan is kept with what it did and what became of it`() throws {
        let recorder = FlightRecorder(time: ManualTime())
        let plan = Plan(
            steps: [[.create(Fixture.part("p", owner: "a"), of: Part.type)]],
            status: StatusIntent(desired: ["secret": "hidden"], observed: [:]))
        recorder.record(
            plan, for: Fixture.root, by: "gadgets", id: "g-1", .stale(Fixture.root, done: []),
            took: .milliseconds(12))
        let kept = try #require(try lines(recorder).first)
        #expect(kept["event"] == "plan")
        #expect(kept["controller"] == "gadgets")
        #expect(kept["milliseconds"] == 12)
        #expect(kept["outcome"]?.string?.hasPrefix("stale: ") == true)
        #expect(kept["actions"]?[0]?.string?.hasPrefix("create ") == true)
        #expect(kept["time"]?.string?.hasPrefix("2026-01-01T00:00:00") == true)
        #expect(!recorder.text().contains("hidden"), "contents are not kept")
    }

    @Test func `only the last entries are kept, in order, and the rest is counted`() throws {
        let recorder = FlightRecorder(capacity: 3, time: ManualTime())
        for number in 0..<8 { recorder.note("\(number)") }
        let kept = try lines(recorder)
        #expect(kept.compactMap { $0["text"]?.string } == ["5", "6", "7"])
        #expect(kept.last?["dropped"] == 5)
    }

    @Test func `an entry is bounded whatever it is about`() throws {
        let recorder = FlightRecorder(time: ManualTime())
        let actions = (0..<500).map { Action.delete(Fixture.partRef("p\($0)", uid: "u")) }
        recorder.record(
            Plan(steps: [actions]), for: Fixture.root, by: "gadgets", id: "g-2", .applied([]),
            took: .zero)
        recorder.note(String(repeating: "x", count: 100_000))
        #expect(recorder.text().utf8.count < 8_000)
        #expect(recorder.text().contains("and 484 more"))
    }
}

import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@Suite struct EventAggregationTests {
    private static func note(
        _ message: String, about name: String = "a", reason: String = "R"
    ) -> Note {
        Note(.warning, reason: reason, message: message, about: Gadget(name).reference)
    }

    private static func aggregation(
        _ change: (inout EventAggregation.Limits) -> Void = { _ in }
    ) -> EventAggregation {
        var limits = EventAggregation.Limits()
        change(&limits)
        return EventAggregation(component: "swiftlet", instance: "i", seed: 1, limits: limits)
    }

    @Test func `a repeated note is counted and written later`() throws {
        var events = Self.aggregation()
        let first = try #require(events.add(Self.note("m"), at: .at(0)).first)
        guard case .create(let object, _) = first.action else {
            Issue.record("\(first)")
            return
        }
        #expect(object["count"] == 1)
        var stored = first.action.target
        stored = ObjectRef(
            type: stored.type, namespace: stored.namespace, name: stored.name, uid: UID("e"))
        events.finished(first.id, stored: stored)
        #expect(events.add(Self.note("m"), at: .at(1)).isEmpty)
        #expect(events.add(Self.note("m"), at: .at(2)).isEmpty)
        #expect(events.nextDeadline(.at(2)) == .at(10))
        let patch = try #require(events.flush(.at(10)).first)
        #expect(
            patch.action
                == .patch(
                    stored, ["count": 3, "lastTimestamp": .string(Timestamp.at(2).description)]))
        #expect(events.nextDeadline(.at(11)) == nil)
    }

    @Test func `an event that is gone is written anew`() throws {
        var events = Self.aggregation()
        let first = try #require(events.add(Self.note("m"), at: .at(0)).first)
        events.finished(first.id, stored: nil)
        let second = events.add(Self.note("m"), at: .at(20)).first?.action
        guard case .create(let object, _)? = second else {
            Issue.record("no create")
            return
        }
        #expect(object["count"] == 2)
    }

    @Test func `many messages of one reason are told together`() {
        var events = Self.aggregation { $0.objectBurst = 100 }
        var names: Set<String> = []
        for number in 0..<40 {
            for command in events.add(Self.note("message \(number)"), at: .at(Double(number))) {
                names.insert(command.id)
                events.finished(
                    command.id,
                    stored: ObjectRef(
                        type: .event, namespace: "ns", name: "e", uid: UID(command.id)))
            }
        }
        #expect(names.count == 11)
    }

    @Test func `one noisy object does not silence another, and nothing grows without end`() {
        var events = Self.aggregation {
            $0.alikeMax = 1_000
            $0.remembered = 60
            $0.burst = 10_000
        }
        var written = 0
        for number in 0..<500 {
            written += events.add(Self.note("m\(number)", reason: "R\(number)"), at: .at(0)).count
        }
        #expect(written == 25)
        #expect(events.dropped == 475)
        #expect(events.add(Self.note("m", about: "b"), at: .at(1)).count == 1)
    }

    @Test func `all writes together are limited, and what waits comes later`() {
        var events = Self.aggregation { $0.burst = 5 }
        var written = 0
        for number in 0..<20 {
            written += events.add(Self.note("m", about: "g\(number)"), at: .at(0)).count
        }
        #expect(written == 5)
        for second in 1...10 { written += events.flush(.at(Double(second))).count }
        #expect(written == 20)
    }

    @Test func `a long message is cut at a whole character`() throws {
        var events = Self.aggregation()
        let command = try #require(
            events.add(Self.note(String(repeating: "ä", count: 5_000)), at: .at(0)).first)
        guard case .create(let object, _) = command.action else { return }
        let message = try #require(object["message"]?.string)
        #expect(message.utf8.count <= 1_024)
        #expect(message.hasSuffix("ä…"))
    }
}

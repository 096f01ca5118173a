import GadgetTesting
import KubernetesCore
import Testing

@testable import ControlLoop

/// Kinds that a server does not have, and those that come and go.
@Suite struct AbsentKindTests {
    typealias Machine = WatchMachine<Gadget>

    private static let request = RequestSummary(.watch, "/apis/test.dev/v1/gadgets")
    private static let missing = Machine.Input.closed(
        APIError(.notFound, request, status: APIStatus(code: 404, reason: "", message: "no")))

    private static func machine(streams: Bool) -> Machine {
        var limits = WatchLimits()
        limits.usesWatchList = streams
        limits.absencePause = .seconds(15)
        return Machine(limits: limits, seed: 1)
    }

    @Test(arguments: [true, false])
    func `a kind that the server does not have is an empty picture, asked for again in a while`(
        streams: Bool
    ) {
        var machine = Self.machine(streams: streams)
        _ = machine.handle(.begin, at: .at(0))
        let first = machine.handle(Self.missing, at: .at(0))
        #expect(first == [.deliver(.replace([], at: .unknown)), .wake(at: .at(15))])
        let again = machine.handle(.timer, at: .at(15))
        #expect(again.count == (streams ? 2 : 1), "a watch with its time limit, or a list")
        // What is known is not told twice.
        #expect(machine.handle(Self.missing, at: .at(15)) == [.wake(at: .at(30))])
    }

    @Test
    func `a kind that comes to be is followed, and one that goes is believed the second time`() {
        var machine = Self.machine(streams: false)
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(Self.missing, at: .at(0))
        _ = machine.handle(.timer, at: .at(15))
        let page = ListPage(items: [Gadget("a")], resourceVersion: ResourceVersion("10"))
        let seen = machine.handle(.page(page), at: .at(15))
        #expect(seen.contains(.deliver(.replace([Gadget("a")], at: ResourceVersion("10")))))
        #expect(machine.handle(Self.missing, at: .at(20)) == [.wake(at: .at(21))])
        _ = machine.handle(.timer, at: .at(21))
        #expect(
            machine.handle(Self.missing, at: .at(21))
                == [.deliver(.replace([], at: .unknown)), .wake(at: .at(36))])
    }

    @Test func `a kind that must be there is never taken for empty`() {
        var limits = WatchLimits()
        limits.usesWatchList = false
        var machine = Machine(limits: limits, seed: 1)
        _ = machine.handle(.begin, at: .at(0))
        for second in 0..<5 {
            for command in machine.handle(Self.missing, at: .at(Double(second * 60))) {
                if case .deliver = command { Issue.record("delivered \(command)") }
            }
            _ = machine.handle(.timer, at: .at(Double(second * 60 + 59)))
        }
    }

    @Test func `of two projections of a kind both must be seen, and neither's version counts`() {
        struct Other: ClusterObject {
            static var type: ResourceType { Gadget.type }
            var metadata = ObjectMeta(name: "x")
        }
        var view = ClusterView()
        _ = view.apply(Delta<Gadget>.replace([], at: ResourceVersion("10")))
        #expect(view.isSynced(Gadget.type))
        #expect(view.version(of: Gadget.type) == ResourceVersion("10"))
        view.register(Other.self)
        #expect(!view.isSynced(Gadget.type))
        _ = view.apply(Delta<Other>.replace([], at: ResourceVersion("12")))
        #expect(view.isSynced(Gadget.type))
        #expect(view.version(of: Gadget.type) == .unknown)
    }
}

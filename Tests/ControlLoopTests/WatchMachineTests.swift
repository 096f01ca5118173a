import GadgetTesting
import KubernetesCore
import Testing

@testable import ControlLoop

@Suite struct WatchMachineTests {
    typealias Machine = WatchMachine<Gadget>

    private static let request = RequestSummary(.watch, "/apis/test.dev/v1/gadgets")

    private static func error(_ code: APIError.Code, after: Duration? = nil) -> APIError {
        let status = APIStatus(code: 500, reason: "", message: "no", retryAfter: after)
        return APIError(code, request, status: status)
    }

    private static func page(
        _ items: [Gadget], at version: String, more token: String? = nil
    ) -> Machine.Input {
        .page(
            ListPage(items: items, resourceVersion: ResourceVersion(version), continueToken: token))
    }

    /// A machine that lists, and has seen gadget `a` at version 10.
    private static func watching() -> Machine {
        var limits = WatchLimits()
        limits.usesWatchList = false
        var machine = Machine(limits: limits, seed: 1)
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(page([Gadget("a")], at: "10"), at: .at(0))
        return machine
    }

    @Test func `pages are put together and delivered as one picture`() {
        var limits = WatchLimits()
        limits.usesWatchList = false
        var machine = Machine(limits: limits, seed: 1)
        #expect(machine.handle(.begin, at: .at(0)) == [.list(ListQuery(limit: 500))])
        let more = machine.handle(Self.page([Gadget("a")], at: "10", more: "t"), at: .at(0))
        #expect(more == [.list(ListQuery(limit: 500, continueToken: "t"))])
        let done = machine.handle(Self.page([Gadget("b")], at: "10"), at: .at(0))
        #expect(done.deltas == [.replace([Gadget("a"), Gadget("b")], at: ResourceVersion("10"))])
        #expect(done.watch?.resourceVersion == ResourceVersion("10"))
        #expect(done.watch?.bookmarks == true)
        #expect((300...600).contains(done.watch?.timeoutSeconds ?? 0))
    }

    @Test func `a streamed picture counts only when its end is marked`() {
        var machine = Machine(seed: 1)
        let begun = machine.handle(.begin, at: .at(0))
        #expect(begun.watch?.sendInitialEvents == true)
        // Initial events come in no order of versions.
        #expect(machine.handle(.event(.added(Gadget("b", version: 9))), at: .at(0)).isEmpty)
        #expect(machine.handle(.event(.added(Gadget("a", version: 3))), at: .at(0)).isEmpty)
        #expect(
            machine.handle(
                .event(.bookmark(ResourceVersion("5"), initialEventsEnd: false)), at: .at(0)
            ).isEmpty)
        let done = machine.handle(
            .event(.bookmark(ResourceVersion("9"), initialEventsEnd: true)), at: .at(0))
        #expect(
            done.deltas == [
                .replace(
                    [Gadget("a", version: 3), Gadget("b", version: 9)], at: ResourceVersion("9"))
            ])
        #expect(done.watch == nil)
        let next = machine.handle(.event(.modified(Gadget("a", version: 11))), at: .at(1))
        #expect(
            next.deltas == [.upsert(Gadget("a", version: 11), at: ResourceVersion("11"))])
    }

    @Test(arguments: [APIError.Code.invalid, .badRequest, .unsupported])
    func `a server that refuses to stream is listed`(code: APIError.Code) {
        var machine = Machine(seed: 1)
        _ = machine.handle(.begin, at: .at(0))
        #expect(
            machine.handle(.closed(Self.error(code)), at: .at(0)) == [
                .list(ListQuery(limit: 500))
            ])
    }

    @Test func `a server that never ends the initial events is listed`() {
        var machine = Machine(seed: 1)
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(.event(.added(Gadget("a"))), at: .at(4))
        #expect(machine.handle(.timer, at: .at(10)) == [.wake(at: .at(14))])
        let commands = machine.handle(.timer, at: .at(14))
        #expect(commands == [.abandon, .list(ListQuery(limit: 500))])
    }

    @Test func `events become deltas`() {
        var machine = Self.watching()
        let removed = machine.handle(.event(.deleted(Gadget("a", version: 12))), at: .at(1))
        #expect(removed == [.deliver(.remove(Key("a"), at: ResourceVersion("12")))])
        let mark = machine.handle(
            .event(.bookmark(ResourceVersion("15"), initialEventsEnd: false)), at: .at(1))
        #expect(mark == [.deliver(.progress(ResourceVersion("15")))])
        #expect(machine.version == ResourceVersion("15"))
        #expect(machine.handle(.event(.ignored("NEW")), at: .at(1)).isEmpty)
    }

    @Test func `an unreadable object keeps its last state, and goes when it is deleted`() {
        var machine = Self.watching()
        func broken(_ place: UnreadableObject.Place, _ version: String) -> UnreadableObject {
            UnreadableObject(
                type: Gadget.type, place: place, namespace: "ns", name: "a",
                resourceVersion: ResourceVersion(version),
                error: JSONError(.mismatch, at: "parts", "expected a whole number"))
        }
        #expect(
            machine.handle(.event(.unreadable(broken(.modified, "11"))), at: .at(1)) == [
                .report(broken(.modified, "11")), .deliver(.progress(ResourceVersion("11"))),
            ])
        #expect(
            machine.handle(.event(.unreadable(broken(.deleted, "12"))), at: .at(1)).deltas == [
                .remove(Key("a"), at: ResourceVersion("12"))
            ])
        let page = ListPage<Gadget>(
            items: [], unreadable: [broken(.listed, "13")], resourceVersion: ResourceVersion("14"))
        var fresh = Machine(seed: 1)
        _ = fresh.handle(.begin, at: .at(0))
        _ = fresh.handle(.closed(Self.error(.invalid)), at: .at(0))
        #expect(
            fresh.handle(.page(page), at: .at(0)).deltas == [
                .replace([], keeping: [Key("a")], at: ResourceVersion("14"))
            ])
    }

    @Test func `a watch that ends cleanly is opened again at once from the last version`() {
        var machine = Self.watching()
        _ = machine.handle(.event(.modified(Gadget("a", version: 12))), at: .at(3))
        let commands = machine.handle(.closed(nil), at: .at(3))
        #expect(commands.watch?.resourceVersion == ResourceVersion("12"))
        #expect(commands.deltas.isEmpty)
    }

    @Test func `a watch that ends at once without an event is a failure`() {
        var machine = Self.watching()
        let commands = machine.handle(.closed(nil), at: .at(0.5))
        #expect(commands.watch == nil)
        #expect((commands.wake ?? .at(0)) >= .at(1.3))
    }

    @Test(arguments: [APIError.Code.throttled, .unreachable, .serverFailure, .timedOut])
    func `an overloaded or absent server is asked for the watch again and never for a list`(
        code: APIError.Code
    ) {
        var machine = Self.watching()
        var now = 100.0
        for _ in 0..<30 {
            let commands = machine.handle(.closed(Self.error(code)), at: .at(now))
            #expect(!commands.isList)
            now += 100
            let again = machine.handle(.timer, at: .at(now))
            #expect(again.watch?.resourceVersion == ResourceVersion("10"))
            now += 0.5
        }
    }

    @Test func `the wait after failures grows to its bound, and success ends it`() {
        var machine = Self.watching()
        var now = 0.0
        var waits: [Double] = []
        for _ in 0..<10 {
            let wake = machine.handle(.closed(Self.error(.unreachable)), at: .at(now)).wake
            let until = Double((wake ?? .at(0)).nanoseconds) / 1e9
            waits.append(until - now)
            #expect(machine.handle(.timer, at: .at(until - 0.01)).watch == nil)
            now = until
            #expect(machine.handle(.timer, at: .at(now)).watch != nil)
        }
        #expect(waits[0] >= 0.8 && waits[0] <= 1.6)
        #expect(waits[9] >= 30 && waits[9] <= 60)
        _ = machine.handle(.event(.modified(Gadget("a", version: 12))), at: .at(now))
        let wake = machine.handle(.closed(Self.error(.unreachable)), at: .at(now)).wake
        #expect((wake ?? .at(0)) <= .at(now + 1.6))
    }

    @Test func `the server's own time to wait is kept`() {
        var machine = Self.watching()
        let commands = machine.handle(
            .closed(Self.error(.throttled, after: .seconds(47))), at: .at(2))
        #expect((commands.wake ?? .at(0)) >= .at(49))
    }

    @Test func `an expired version is read anew, not older than what was seen`() {
        var machine = Self.watching()
        _ = machine.handle(.event(.modified(Gadget("a", version: 12))), at: .at(1))
        let commands = machine.handle(.event(.failed(Self.error(.expired))), at: .at(2))
        #expect(
            commands == [
                .abandon,
                .list(
                    ListQuery(
                        limit: 500, resourceVersion: ResourceVersion("12"), match: .notOlderThan)),
            ])
        // Where the server does not have that version either, the newest state is asked for.
        let newest = machine.handle(.closed(Self.error(.versionAhead)), at: .at(2))
        let later = machine.handle(.timer, at: .at(200))
        #expect((newest + later).lists.last == ListQuery(limit: 500))
        let done = machine.handle(Self.page([], at: "4"), at: .at(201))
        #expect(done.deltas == [.replace([], at: ResourceVersion("4"))])
    }

    @Test func `a list from the past is not believed`() {
        var machine = Self.watching()
        _ = machine.handle(.event(.modified(Gadget("a", version: 12))), at: .at(1))
        _ = machine.handle(.closed(Self.error(.expired)), at: .at(2))
        let commands = machine.handle(Self.page([], at: "11"), at: .at(2))
        #expect(commands.deltas.isEmpty)
        let again = machine.handle(.timer, at: .at(100))
        #expect(again.lists == [ListQuery(limit: 500)])
    }

    @Test func `a server whose every version expires at once is not asked without a pause`() {
        var machine = Self.watching()
        var asked = 0
        var now = 0.0
        for _ in 0..<10 {
            var commands = machine.handle(.closed(Self.error(.expired)), at: .at(now))
            if commands.wake == nil || commands.isList { asked += 1 }
            if !commands.isList {
                now += 120
                commands = machine.handle(.timer, at: .at(now))
            }
            _ = machine.handle(Self.page([Gadget("a")], at: "10"), at: .at(now))
        }
        #expect(asked <= 1)
    }

    @Test func `a token that expires in the middle of a list starts it anew`() {
        var limits = WatchLimits()
        limits.usesWatchList = false
        var machine = Machine(limits: limits, seed: 1)
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(Self.page([Gadget("a")], at: "10", more: "t"), at: .at(0))
        let commands = machine.handle(.closed(Self.error(.expired)), at: .at(0))
        #expect(commands.deltas.isEmpty)
        let again = machine.handle(.timer, at: .at(10))
        #expect((commands + again).lists == [ListQuery(limit: 500)])
        let done = machine.handle(Self.page([Gadget("b")], at: "12"), at: .at(10))
        #expect(done.deltas == [.replace([Gadget("b")], at: ResourceVersion("12"))])
    }

    @Test(arguments: [APIError.Code.forbidden, .notFound, .serverFailure, .undecodable])
    func `a list that fails is never an empty list`(code: APIError.Code) {
        var machine = Machine(seed: 3)
        _ = machine.handle(.begin, at: .at(0))
        var now = 0.0
        for _ in 0..<8 {
            let commands = machine.handle(.closed(Self.error(code)), at: .at(now))
            #expect(commands.deltas.isEmpty)
            now += 70
            #expect(machine.handle(.timer, at: .at(now)).deltas.isEmpty)
        }
        #expect(machine.version == .unknown)
    }

    @Test func `a silent watch is given up where the server is known to send bookmarks`() {
        var machine = Self.watching()
        _ = machine.handle(
            .event(.bookmark(ResourceVersion("11"), initialEventsEnd: false)), at: .at(60))
        let opened = machine.handle(.closed(nil), at: .at(61))
        #expect(opened.wake == .at(61 + 130))
        let commands = machine.handle(.timer, at: .at(61 + 130))
        #expect(commands.first == .abandon)
        #expect(commands.watch?.resourceVersion == ResourceVersion("11"))
    }

    @Test func `a server that stays silent at a version is asked for its newest state`() {
        var machine = Self.watching()
        _ = machine.handle(
            .event(.bookmark(ResourceVersion("12"), initialEventsEnd: false)), at: .at(1))
        let first = machine.handle(.timer, at: .at(131))
        #expect(first.watch?.resourceVersion == ResourceVersion("12"))
        let second = machine.handle(.timer, at: .at(262))
        #expect(second == [.abandon, .list(ListQuery(limit: 500))])
        // A picture at a lower version is then believed: it comes from the database itself.
        let restored = machine.handle(Self.page([], at: "5"), at: .at(262))
        #expect(restored.deltas == [.replace([], at: ResourceVersion("5"))])
        #expect(restored.watch?.resourceVersion == ResourceVersion("5"))
    }

    @Test func `a list that never ends is an error, and what was seen stays`() {
        var limits = WatchLimits()
        limits.usesWatchList = false
        limits.pagesMax = 3
        var machine = Machine(limits: limits, seed: 1)
        _ = machine.handle(.begin, at: .at(0))
        var commands: [Machine.Command] = []
        for number in 0..<3 {
            commands = machine.handle(
                Self.page([Gadget("a")], at: "10", more: "\(number)"), at: .at(0))
        }
        #expect(commands.deltas.isEmpty)
        guard case .complain(let error, 1)? = commands.first else {
            Issue.record("\(commands)")
            return
        }
        #expect(error.code == .undecodable)
    }

    @Test func `a watch that outlives its end is given up`() {
        var machine = Self.watching()
        #expect(machine.handle(.timer, at: .at(100)).watch == nil)
        let commands = machine.handle(.timer, at: .at(700))
        #expect(commands.first == .abandon)
        #expect(commands.watch != nil)
    }

    @Test(arguments: UInt64(1)...100)
    func `whatever comes, one question is open and no time runs out`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var machine = Machine(seed: seed)
        var now = 0.0
        var isOpen = false
        var isWaking = false
        var commands = machine.handle(.begin, at: .at(0))
        for _ in 0..<300 {
            for command in commands {
                switch command {
                case .list, .watch:
                    #expect(!isOpen, "seed \(seed)")
                    isOpen = true
                case .abandon: isOpen = false
                case .wake: isWaking = true
                case .deliver, .report, .complain: break
                }
            }
            #expect(isOpen || isWaking, "seed \(seed)")
            now += Double(random.below(80)) / 4
            let codes: [APIError.Code] = [
                .expired, .throttled, .unreachable, .versionAhead, .invalid,
            ]
            let version = ResourceVersion(String(random.below(60)))
            switch random.below(7) {
            case 0 where isOpen:
                isOpen = false
                commands = machine.handle(
                    .closed(random.chance(0.3) ? nil : Self.error(codes[random.below(5)])),
                    at: .at(now))
            case 1 where isOpen:
                let wasListing = machine.isListing
                commands = machine.handle(
                    .page(ListPage(items: [], resourceVersion: version)), at: .at(now))
                if wasListing { isOpen = false }
            case 2 where isOpen:
                commands = machine.handle(
                    .event(.bookmark(version, initialEventsEnd: random.chance(0.5))), at: .at(now))
            case 3 where isOpen:
                commands = machine.handle(
                    .event(.added(Gadget("a", version: random.below(60)))), at: .at(now))
            case 4 where isOpen:
                commands = machine.handle(
                    .event(.failed(Self.error(codes[random.below(5)]))), at: .at(now))
            default: commands = machine.handle(.timer, at: .at(now))
            }
        }
    }
}

extension [WatchMachine<Gadget>.Command] {
    var deltas: [Delta<Gadget>] {
        compactMap { if case .deliver(let delta) = $0 { delta } else { nil } }
    }
    var lists: [ListQuery] { compactMap { if case .list(let query) = $0 { query } else { nil } } }
    var isList: Bool { !lists.isEmpty }
    var watch: WatchQuery? {
        compactMap { if case .watch(let query) = $0 { query } else { nil } }.last
    }
    var wake: Instant? { compactMap { if case .wake(let at) = $0 { at } else { nil } }.last }
}

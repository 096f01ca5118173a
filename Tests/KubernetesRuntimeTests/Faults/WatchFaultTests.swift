import ControlLoop
import GadgetTesting
import KubernetesClient
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@testable import KubernetesRuntime

/// Group B of the fault scenarios (docs/design/faults.md), first half: how watches break off, and
/// what they begin with.
@Suite(.timeLimit(.minutes(3))) struct `Watches that go wrong` {
    private var rig: Rig

    init() throws { rig = try Rig() }

    private static let expired =
        #"{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"#
        + #""reason":"Expired","message":"too old resource version"}"#

    /// Changes what a gadget wants again and again and waits each time until it is there.
    private func exercise(_ rig: Rig, rounds: Int = 4) async throws {
        for round in 1...rounds {
            rig.model.put("a", parts: round % 2 == 0 ? 1 : round + 2)
            let wanted = round % 2 == 0 ? 1 : round + 2
            try await rig.until("round \(round)") { rig.isDone("a", wanted) }
        }
        try await rig.until("the cache is in step") { await rig.isInStep() }
    }

    enum Break: String, CaseIterable, Sendable {
        case midLine, midCharacter, afterHead, whole, reset
    }

    @Test(arguments: Break.allCases)
    func `B1: streams are cut, again and again`(_ place: Break) async throws {
        let rig = rig
        let cuts = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.isWatch, cuts.count < 40 else { return nil }
            let lines = Tally()
            return .filter { line in
                // Some get through, so that there is something to resume from.
                guard lines.next() % 3 == 0 else { return [.line(line)] }
                cuts.next()
                switch place {
                case .midLine: return [.bytes(Array(line.utf8.prefix(line.utf8.count / 2))), .end]
                case .midCharacter:
                    return [
                        .bytes(Array("{\"type\":\"ADDED\",\"x\":\"\u{FC}".utf8.dropLast())), .end,
                    ]
                case .afterHead: return [.end]
                case .whole: return [.line(line), .end]
                case .reset: return [.line(line), .cut]
                }
            }
        }
        try await rig.running { _ in
            try await exercise(rig, rounds: 6)
            rig.proxy.spoil(nil)
            try await rig.expectSilence()
            try await rig.until("in step") { await rig.isInStep() }
        }
        #expect(cuts.count >= 3)
        // Every part was made once for each time it was wanted anew: nothing was invented.
        #expect(rig.model.peak <= 7)
    }

    @Test func `B2: a half-open stream is noticed by its silence`() async throws {
        var rig = rig
        rig.watch.silenceMax = .seconds(2)
        let silent = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.isWatch, exchange.concerns("gadgets") else { return nil }
            let lines = Tally()
            return .filter { line in
                // After the first picture nothing comes any more, and nothing ends.
                guard lines.next() > 1, silent.count < 1 else { return [.line(line)] }
                silent.next()
                return [.silence]
            }
        }
        try await rig.running { [rig] _ in
            try await rig.until("the first picture") { await rig.cache.view.isSynced(Gadget.type) }
            rig.model.put("a", parts: 2)
            try await rig.until("noticed") { rig.isDone("a", 2) }
        }
        #expect(silent.count == 1)
    }

    @Test func `B2: without bookmarks a half-open stream ends with its time`() async throws {
        var rig = rig
        rig.watch.usesWatchList = false
        rig.watch.watchTimeoutMin = .seconds(1)
        rig.watch.watchTimeoutMax = .seconds(1)
        rig.watch.watchTimeoutMargin = .milliseconds(500)
        let silent = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.isWatch, silent.next() <= 2 else { return nil }
            // Neither the server's end of the watch nor any event gets through.
            return .retarget(
                exchange.target.replacing("timeoutSeconds=1", with: "timeoutSeconds=600")
                    .replacing("resourceVersion=", with: "labelSelector=none%3Dx&resourceVersion="))
        }
        rig.model.put("a", parts: 2)
        try await rig.running { [rig] _ in
            try await rig.until("noticed") { rig.isDone("a", 2) }
            rig.model.put("a", parts: 3)
            try await rig.until("again") { rig.isDone("a", 3) }
        }
        #expect(silent.count > 2)
    }

    enum Gone: String, CaseIterable, Sendable {
        case status, event, bareStatus, tooLarge, expiredPage, always
    }

    @Test(arguments: Gone.allCases)
    func `B3: the history is gone, or not there yet`(_ form: Gone) async throws {
        var rig = rig
        rig.watch.usesWatchList = false
        rig.watch.pageItems = 2
        for number in 0..<7 { rig.model.put("g\(number)", parts: 0) }
        let hits = Tally()
        let limit = form == .always ? 30 : 4
        rig.proxy.spoil { exchange in
            let isPage = exchange.isList && exchange.target.contains("continue=")
            guard form == .expiredPage ? isPage : exchange.isWatch, hits.count < limit else {
                return nil
            }
            hits.next()
            switch form {
            case .status, .always, .expiredPage:
                return .answer(
                    "410 Gone", `Answers of the API server that go wrong`.json, Self.expired)
            case .event:
                return .filter { _ in [.line("{\"type\":\"ERROR\",\"object\":\(Self.expired)}")] }
            case .bareStatus: return .filter { _ in [.line(Self.expired)] }
            case .tooLarge:
                return .answer(
                    "504 Gateway Timeout", `Answers of the API server that go wrong`.json,
                    #"{"kind":"Status","code":504,"reason":"Timeout","message":"Too large "#
                        + #"resource version: 99","details":{"causes":[{"reason":"#
                        + #""ResourceVersionTooLarge","message":"x"}]}}"#)
            }
        }
        try await rig.running { [rig] _ in
            if form == .event || form == .bareStatus {
                // These need a line to come instead of.
                for number in 0..<8 {
                    rig.model.put("x\(number)", parts: 0)
                    try await rig.until("x\(number) is seen, or its line was spoiled") {
                        let seen = await rig.cache.view.all(Gadget.self).count
                        return seen > number || hits.count > 0
                    }
                }
            }
            rig.model.put("a", parts: 3)
            try await rig.until("3 parts") { rig.isDone("a", 3) && hits.count >= 1 }
            try await rig.until("in step") { await rig.cache.view.all(Gadget.self).count >= 8 }
            try await rig.expectSilence()
            #expect(rig.model.created.count == 3)
            let lists = rig.proxy.log.filter {
                $0.exchange.isList && $0.exchange.concerns("gadgets")
            }
            #expect(lists.count < 120, "the same version is not asked for without end")
        }
        #expect(hits.count >= 1)
    }

    enum Marks: String, CaseIterable, Sendable {
        case none, only, refused, ignored, unended
    }

    @Test(arguments: Marks.allCases)
    func `B4: bookmarks and streamed lists that a server does not have`(_ marks: Marks) async throws
    {
        var rig = rig
        rig.watch.initialEventsPause = .milliseconds(700)
        rig.proxy.spoil { exchange in
            guard exchange.isWatch else { return nil }
            let streams = exchange.target.contains("sendInitialEvents=true")
            switch marks {
            case .none:
                return .filter {
                    $0.contains("\"BOOKMARK\"") && !$0.contains("initial-events-end")
                        ? [] : [.line($0)]
                }
            case .only:
                let bookmark =
                    #"{"type":"BOOKMARK","object":{"kind":"X","metadata":{"resourceVersion":"9"}}}"#
                return .filter { [.line(bookmark), .line($0), .line(bookmark)] }
            case .refused:
                guard streams else { return nil }
                return .answer(
                    "422 Unprocessable Entity", `Answers of the API server that go wrong`.json,
                    `Answers of the API server that go wrong`.status(
                        422, "Invalid", "sendInitialEvents is forbidden"))
            case .ignored:
                guard streams else { return nil }
                // An old server passes over what it does not know: a plain watch from now on.
                return .retarget(String(exchange.path) + "?watch=true")
            case .unended:
                guard streams else { return nil }
                return .filter { $0.contains("initial-events-end") ? [] : [.line($0)] }
            }
        }
        rig.model.put("a", parts: 2)
        try await rig.running { [rig] _ in
            try await exercise(rig)
            try await rig.expectSilence()
        }
        #expect(rig.model.peak <= 5)
    }

    @Test func `B4: nothing is written before every kind has been seen whole`() async throws {
        let gate = Gate()
        rig.proxy.spoil { exchange in
            guard exchange.concerns("parts"), exchange.isWatch else { return nil }
            return .filter { line in
                line.contains("initial-events-end") ? [.wait(gate), .line(line)] : [.line(line)]
            }
        }
        rig.model.put("a", parts: 2)
        // A part that is there already must not be made a second time.
        try await rig.running { _ in
            try await rig.until("gadgets are known") {
                await rig.cache.view.all(Gadget.self).count == 1
            }
            try await rig.until("parts are asked for") {
                rig.proxy.log.contains { $0.exchange.concerns("parts") }
            }
            try await Task.sleep(for: .milliseconds(300))
            #expect(rig.writes.isEmpty)
            gate.open()
            try await rig.until("2 parts") { rig.isDone("a", 2) }
        }
    }
}

import ControlLoop
import GadgetTesting
import KubernetesClient
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@testable import KubernetesRuntime

/// Broken and hostile input inside watches and lists, over real sockets: a typed error, and
/// everyone else goes on.
@Suite(.timeLimit(.minutes(3))) struct `Input that cannot be read` {
    private let rig: Rig

    init() throws { rig = try Rig() }

    enum Line: String, CaseIterable, Sendable {
        case page, truncated, huge, deep, twice, wrongKind, bareStatus, unknownType, noObject,
            binary

        /// A line that a server never sends.
        var bytes: [UInt8] {
            func event(_ members: String) -> String {
                #"{"type":"MODIFIED","object":{"kind":"Gadget","apiVersion":"test.dev/v1","#
                    + #""metadata":{"name":"bad","namespace":"ns","uid":"bad","#
                    + #""resourceVersion":"1"},"# + members + "}}"
            }
            switch self {
            case .page: return Array("<html><body>log in</body></html>".utf8)
            case .truncated: return Array(event("\"spec\":{}").utf8.prefix(90))
            case .huge:
                return Array(
                    event("\"spec\":{\"note\":\"" + String(repeating: "x", count: 4 << 20) + "\"}")
                        .utf8)
            case .deep:
                let open = String(repeating: "{\"a\":", count: 1_000)
                let shut = String(repeating: "}", count: 1_000)
                return Array(event("\"spec\":" + open + "1" + shut).utf8)
            case .twice: return Array(event(#""spec":{"parts":1,"parts":2}"#).utf8)
            case .wrongKind:
                return Array(
                    #"{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"bad"}}}"#.utf8)
            case .bareStatus:
                return Array(
                    `Answers of the API server that go wrong`.status(500, "InternalError").utf8)
            case .unknownType: return Array(#"{"type":"SURPRISE","object":{}}"#.utf8)
            case .noObject: return Array(#"{"type":"MODIFIED"}"#.utf8)
            case .binary: return [0x7B, 0xFF, 0xFE, 0x00, 0x7D]
            }
        }

        /// What is logged of it; nil where nothing has to be.
        var complaint: String? {
            switch self {
            case .page, .truncated, .noObject, .binary:
                "watch /apis/test.dev/v1/gadgets: the watch sent no event"
            case .huge: "Gadget ns/bad (modified) cannot be read: the event has"
            case .deep: "Gadget ns/bad (modified) cannot be read: more than 128"
            case .twice:
                "Gadget ns/bad (modified) cannot be read: object.spec.parts: the key is given twice"
            case .wrongKind: "cannot be read: kind: expected Gadget, found Pod"
            case .bareStatus: "watch /apis/test.dev/v1/gadgets: no (500)"
            case .unknownType: nil
            }
        }
    }

    @Test(arguments: Line.allCases)
    func `a line of a watch that is no event stops nobody`(_ bad: Line) async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.isWatch, exchange.concerns("gadgets") else { return nil }
            return .filter { line in
                guard !line.contains("BOOKMARK"), tally.next() == 1 else { return [.line(line)] }
                return [.bytes(bad.bytes + [10]), .line(line)]
            }
        }
        try await rig.running { _ in
            try await rig.until("seen whole") { await rig.cache.view.isSynced(Gadget.type) }
            for name in ["a", "b"] { rig.model.put(name, parts: 2) }
            try await rig.until("both") { rig.isDone("a", 2) && rig.isDone("b", 2) }
            if let complaint = bad.complaint {
                try await rig.until("told: \(complaint)") { rig.logged.contains(complaint) }
            }
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 4)
    }

    @Test func `each bad line is an error with its request and what can help`() async throws {
        for bad in Line.allCases {
            var decoder = WatchDecoder<Gadget>(of: RequestSummary(.watch, "/x"))
            for event in decoder.append(bad.bytes + [10]) {
                switch event {
                case .failed(let error):
                    #expect(error.request == RequestSummary(.watch, "/x"))
                    #expect(error.disposition == .retry(after: nil), "\(bad)")
                case .unreadable(let object): #expect(object.type == Gadget.type)
                case .ignored(let type): #expect(type == "SURPRISE")
                default: Issue.record("\(bad) was taken for \(event)")
                }
            }
        }
    }

    @Test func `a broken object in a list is named, and the others are there`() async throws {
        rig.model.put("a", parts: 1)
        rig.model.put("b", parts: 1)
        var rig = rig
        rig.watch.usesWatchList = false
        let tally = Tally()
        let model = rig.model
        rig.proxy.spoil { exchange in
            guard exchange.isList, exchange.concerns("gadgets"), tally.next() == 1 else {
                return nil
            }
            let whole = model.call("GET", "/apis/test.dev/v1/gadgets").text
            return .answer(
                "200 OK", `Answers of the API server that go wrong`.json,
                whole.replacing(#""name":"a""#, with: #""name":"a","name":"a""#))
        }
        try await rig.running { [rig] _ in
            try await rig.until("b") { rig.isDone("b", 1) }
            #expect(rig.logged.contains("Gadget ns/a (listed) cannot be read"))
            #expect(rig.registry.value("swiftlet_unreadable_objects", ["gadgets"]) == 1)
            // When it changes it is read like any other.
            rig.model.put("a", parts: 2)
            try await rig.until("a") { rig.isDone("a", 2) }
        }
    }
}

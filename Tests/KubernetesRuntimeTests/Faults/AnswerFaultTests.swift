import ControlLoop
import GadgetTesting
import KubernetesClient
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@testable import KubernetesRuntime

/// Group A of the fault scenarios (docs/design/faults.md): what the API server answers.
@Suite(.timeLimit(.minutes(3))) struct `Answers of the API server that go wrong` {
    private let rig: Rig

    init() throws { rig = try Rig() }

    static func status(_ code: Int, _ reason: String, _ message: String = "no") -> String {
        JSONValue.object([
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": .int(code),
            "reason": .string(reason), "message": .string(message),
        ]).text
    }

    static let json = ["Content-Type: application/json"]

    @Test func `A1: conflicts, on every third write and then on twenty in a row`() async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.method != "GET" else { return nil }
            let ordinal = tally.next()
            guard ordinal % 3 == 0 || (10..<30).contains(ordinal) else { return nil }
            return .answer("409 Conflict", Self.json, Self.status(409, "Conflict"))
        }
        rig.model.put("a", parts: 8)
        try await rig.running { _ in
            try await rig.until("8 parts") { tally.count > 30 && rig.isDone("a", 8) }
            rig.model.put("a", parts: 3)
            try await rig.until("3 parts") { rig.isDone("a", 3) }
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 8)
        #expect(rig.model.peak == 8)
        // Each refusal is met by a new look and a pause: no storm.
        #expect(rig.writes.count < 90)
    }

    @Test func `A2: a create is carried out and its answer is lost`() async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            exchange.creates("parts") && tally.next() % 2 == 1 ? .loseAnswer : nil
        }
        rig.model.put("a", parts: 6)
        try await rig.running { _ in
            try await rig.until("6 parts") { rig.isDone("a", 6) }
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 6)
        #expect(tally.count >= 6)
    }

    @Test func `A3: an object of the same name belongs to somebody else`() async throws {
        let path = "/apis/test.dev/v1/namespaces/ns/parts"
        let foreign: JSONValue = [
            "apiVersion": "test.dev/v1", "kind": "Part", "metadata": ["name": "a-0"],
        ]
        rig.model.call("POST", path, foreign)
        rig.model.put("a", parts: 2)
        rig.model.put("b", parts: 2)
        try await rig.running { _ in
            try await rig.until("told") { rig.status("a")?["failure"] == "AlreadyExists" }
            try await rig.until("b is not held up") { rig.isDone("b", 2) }
            #expect(rig.model.object(path + "/a-0")?[path: ["metadata", "ownerReferences"]] == nil)
            rig.model.call("DELETE", path + "/a-0")
            rig.model.put("a", parts: 3)
            try await rig.until("its own part") { rig.isDone("a", 3) }
            try await rig.expectSilence()
        }
    }

    @Test(arguments: [["Retry-After: 2"], ["Retry-After: @2"], []])
    func `A4: too many requests, with a time to wait, a date, or neither`(
        _ fields: [String]
    ) async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.creates("parts") || exchange.isList || exchange.isWatch,
                tally.next() <= 4
            else { return nil }
            return .answer(
                "429 Too Many Requests", Self.json + fields.flatMap(Self.dated),
                Self.status(429, "TooManyRequests"))
        }
        rig.model.put("a", parts: 1)
        try await rig.running { _ in
            try await rig.until("1 part") { rig.isDone("a", 1) }
            try await rig.expectSilence()
        }
        for plural in ["gadgets", "parts"] {
            let asked = rig.proxy.log.filter {
                ($0.exchange.isList || $0.exchange.isWatch) && $0.exchange.concerns(plural)
            }
            #expect(asked.count < 12, "no storm of lists")
            guard !fields.isEmpty, asked.count > 1 else { continue }
            #expect(asked[1].at - asked[0].at >= .milliseconds(1_900), "\(plural) came too soon")
        }
    }

    /// A date is made to lie two seconds behind the answer's own, whatever any clock says.
    private static func dated(_ field: String) -> [String] {
        guard field.contains("@") else { return [field] }
        return [
            "Date: Sat, 21 Nov 2026 08:00:00 GMT", "Retry-After: Sat, 21 Nov 2026 08:00:02 GMT",
        ]
    }

    @Test(arguments: [
        ("500 Internal Server Error", "", ""),
        ("502 Bad Gateway", "text/html", "<html>bad gateway</html>"),
        ("503 Service Unavailable", "application/json", "{\"kind\":\"Stat"),
        ("504 Gateway Timeout", "application/json", "null"),
        ("200 OK", "text/html", "<html>log in</html>"),
        ("200 OK", "application/json", "{\"kind\":\"Part\",\"metadata\":{\"na"),
        ("201 Created", "application/json", ""),
        ("302 Found", "text/html", ""),
    ])
    func `A5: answers that say nothing, also after the write was carried out`(
        _ status: String, _ type: String, _ body: String
    ) async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            let ordinal = tally.next()
            guard ordinal <= 24, ordinal % 2 == 0 else { return nil }
            return .replace(status, type.isEmpty ? [] : ["Content-Type: " + type], body)
        }
        rig.model.put("a", parts: 5)
        try await rig.running { _ in
            try await rig.until("5 parts") { rig.isDone("a", 5) }
            rig.model.put("a", parts: 1)
            try await rig.until("1 part") { rig.isDone("a", 1) }
            rig.proxy.spoil(nil)
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 5)
        #expect(rig.model.peak == 5)
    }

    @Test func `A5: an answer is cut off in the middle`() async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            guard !exchange.isWatch, tally.next() <= 12 else { return nil }
            return .truncate(20)
        }
        rig.model.put("a", parts: 5)
        try await rig.running { _ in
            try await rig.until("5 parts") { rig.isDone("a", 5) }
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 5)
    }

    @Test func `A6: an answer that never comes holds up one key and no other`() async throws {
        var rig = rig
        rig.writing.requestTimeout = .seconds(2)
        let stuck = Gate()
        rig.proxy.spoil { exchange in
            exchange.creates("parts") && exchange.body.contains("\"name\":\"slow-0\"")
                ? .hold(stuck) : nil
        }
        rig.model.put("slow", parts: 1)
        try await rig.running { [rig] _ in
            try await rig.until("the slow one is stuck") {
                rig.writes.contains { $0.exchange.body.contains("slow-0") }
            }
            for name in ["b", "c", "d"] { rig.model.put(name, parts: 2) }
            try await rig.until("the others") {
                ["b", "c", "d"].allSatisfy { rig.isDone($0, 2) }
            }
            #expect(rig.model.parts("slow").isEmpty)
            try await rig.until("given up") {
                rig.registry.value("controller_runtime_reconcile_timeouts", ["gadgets"]) ?? 0 > 0
            }
            rig.proxy.spoil(nil)
            stuck.open()
            try await rig.until("the slow one") { rig.isDone("slow", 1) }
        }
        // The create that hung was carried out in the end, beside the one that followed it.
        #expect(Set(rig.model.created).count == rig.model.created.count)
    }

    @Test func `A6: a renewal that hangs does not keep the leadership`() async throws {
        let leadership = LeadershipState()
        var timing = LeaseMachine.Timing()
        timing.duration = .seconds(6)
        timing.renewDeadline = .seconds(4)
        timing.retryPeriod = .milliseconds(300)
        let elector = Elector(
            identity: "one", lease: Key(namespace: "ns", name: "swiftlet"),
            leadership: leadership, applier: rig.applier(leadership), client: rig.client,
            timing: timing, seed: 1, logger: rig.logger)
        let stuck = Gate()
        let lease = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/swiftlet"
        await #expect(throws: ElectionError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run() }
                try await rig.until("it leads") { leadership.current != nil }
                let before = rig.proxy.log.count
                rig.proxy.spoil { $0.target.contains("/leases") ? .hold(stuck) : nil }
                try await rig.until("it is not kept") { leadership.current == nil }
                #expect(rig.proxy.log.count > before)
                // Other calls go on all the while.
                _ = try await rig.client.value(
                    .get(ObjectRef(type: .namespace, namespace: "", name: "ns")))
                try await group.next()
            }
        }
        let renewed = rig.model.object(lease)?[path: ["spec", "holderIdentity"]]
        #expect(renewed == "one", "nobody else has taken it yet")
        stuck.open()
    }

    @Test func `A7: one namespace may not be written to for a while`() async throws {
        rig.model.call(
            "POST", "/api/v1/namespaces",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "other"]])
        rig.proxy.spoil { exchange in
            guard exchange.creates("parts"), exchange.target.contains("/namespaces/other/") else {
                return nil
            }
            return .answer(
                "403 Forbidden", Self.json,
                Self.status(403, "Forbidden", "parts is forbidden: cannot create"))
        }
        rig.model.put("a", parts: 2)
        rig.model.put("x", parts: 2, in: "other")
        try await rig.running { _ in
            try await rig.until("told") { rig.status("x", in: "other")?["failure"] == "Forbidden" }
            try await rig.until("the first is not held up") { rig.isDone("a", 2) }
            rig.proxy.spoil(nil)
            try await rig.until("granted again") { rig.isDone("x", 2, in: "other") }
            try await rig.expectSilence()
        }
    }

    @Test(arguments: [(422, "Invalid"), (400, "BadRequest"), (403, "Forbidden")])
    func `A8: admission refuses a create and says why`(
        _ code: Int, _ reason: String
    ) async throws {
        rig.proxy.spoil { exchange in
            guard exchange.creates("parts"), exchange.body.contains("\"name\":\"a-") else {
                return nil
            }
            return .answer("\(code) No", Self.json, Self.status(code, reason, "quota exceeded"))
        }
        rig.model.put("a", parts: 2)
        rig.model.put("b", parts: 2)
        try await rig.running { _ in
            try await rig.until("told") { rig.status("a")?["failure"] == .string(reason) }
            try await rig.until("b is not held up") { rig.isDone("b", 2) }
            #expect(rig.logged.contains("quota exceeded"))
            rig.proxy.spoil(nil)
            // A change of what is wanted ends the wait of what was refused for good.
            rig.model.put("a", parts: 1)
            try await rig.until("let in") { rig.isDone("a", 1) }
            try await rig.expectSilence()
        }
    }

    @Test func `A9: the object is gone when its status is written, and is not made again`()
        async throws
    {
        let gadget = "/apis/test.dev/v1/namespaces/ns/gadgets/a"
        let tally = Tally()
        let model = rig.model
        rig.proxy.spoil { exchange in
            guard exchange.target.contains("/a/status"), tally.next() == 1 else { return nil }
            return .first { model.call("DELETE", gadget) }
        }
        rig.model.put("a", parts: 1)
        try await rig.running { _ in
            try await rig.until("it is gone") { rig.model.object(gadget) == nil }
            try await rig.until("the cache knows") {
                await rig.cache.view.all(Gadget.self).isEmpty
            }
            try await rig.expectSilence()
        }
        #expect(rig.model.object(gadget) == nil)
        #expect(tally.count == 1)
    }

    @Test func `A9: a deletion does not meet the successor of what it was meant for`()
        async throws
    {
        let part = "/apis/test.dev/v1/namespaces/ns/parts/a-0"
        let tally = Tally()
        let model = rig.model
        rig.model.put("a", parts: 1)
        try await rig.running { _ in
            try await rig.until("1 part") { rig.isDone("a", 1) }
            rig.proxy.spoil { exchange in
                guard exchange.method == "DELETE", tally.next() == 1 else { return nil }
                return .first {
                    model.call("DELETE", part)
                    model.call(
                        "POST", "/apis/test.dev/v1/namespaces/ns/parts",
                        ["apiVersion": "test.dev/v1", "kind": "Part", "metadata": ["name": "a-0"]])
                }
            }
            rig.model.put("a", parts: 0)
            try await rig.until("none of its own") { rig.isDone("a", 0) }
            try await rig.expectSilence()
        }
        #expect(rig.model.object(part) != nil, "the successor, which is nobody's, is still there")
        #expect(tally.count == 1)
    }

    @Test(arguments: [
        ("404 Not Found", "application/json", Self.status(404, "NotFound")),
        ("503 Service Unavailable", "text/plain", "conversion webhook failed"),
        ("500 Internal Server Error", "application/json", Self.status(500, "InternalError")),
        ("200 OK", "application/json", "{\"kind\":\"PartList\",\"items\":[],\"metadata\":{}}"),
    ])
    func `A10: a kind is not served for a while, and nothing is taken for gone`(
        _ status: String, _ type: String, _ body: String
    ) async throws {
        rig.model.put("a", parts: 3)
        try await rig.running { informers in
            try await rig.until("3 parts") { rig.isDone("a", 3) }
            let writes = rig.writes.count
            let tally = Tally()
            rig.proxy.spoil { exchange in
                guard exchange.concerns("parts"), exchange.method == "GET" else { return nil }
                tally.next()
                return .answer(status, ["Content-Type: " + type], body)
            }
            rig.proxy.cutWatches()
            try await rig.until("asked again and again") { tally.count >= 8 }
            #expect(await rig.cache.view.all(Part.self).count == 3)
            #expect(rig.writes.count == writes)
            #expect(informers.lag(after: .zero)?.contains("parts") == true)
            rig.proxy.spoil(nil)
            rig.model.put("a", parts: 4)
            try await rig.until("served again") { rig.isDone("a", 4) }
        }
        #expect(rig.model.created.count == 4)
        #expect(rig.model.peak == 4)
    }

    @Test(arguments: [
        (413, Self.status(413, "RequestEntityTooLarge", "limit is 3145728")),
        (500, Self.status(500, "", "etcdserver: request is too large")),
    ])
    func `A11: a status is too large for the server, and others go on`(
        _ code: Int, _ body: String
    ) async throws {
        let tally = Tally()
        rig.proxy.spoil { exchange in
            guard exchange.target.contains("/a/status") else { return nil }
            tally.next()
            return .answer("\(code) No", Self.json, body)
        }
        rig.model.put("a", parts: 1)
        rig.model.put("b", parts: 2)
        try await rig.running { _ in
            try await rig.until("refused") { tally.count >= 1 }
            try await rig.until("b is not held up") { rig.isDone("b", 2) }
            #expect(tally.count < 40, "no storm")
            rig.proxy.spoil(nil)
            rig.model.put("a", parts: 2)
            try await rig.until("small enough") { rig.isDone("a", 2) }
        }
    }
}

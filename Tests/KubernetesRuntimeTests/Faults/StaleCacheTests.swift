import ControlLoop
import GadgetTesting
import KubernetesClient
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@testable import KubernetesRuntime

/// Group B of the fault scenarios (docs/design/faults.md), second half: caches that lag, and
/// histories that are not what they were.
@Suite(.timeLimit(.minutes(3))) struct `Caches that do not show what is` {
    private let rig: Rig

    init() throws { rig = try Rig() }

    @Test(arguments: [Duration.seconds(30), .milliseconds(100)])
    func `B5: the events of one kind are late`(_ patience: Duration) async throws {
        var rig = rig
        // With the short one the barrier gives up, and the names of parts must do.
        rig.control.barrierPatience = patience
        let gate = Gate()
        rig.proxy.spoil { exchange in
            guard exchange.concerns("parts"), exchange.isWatch else { return nil }
            return .filter { line in
                line.contains("\"a-") ? [.wait(gate), .line(line)] : [.line(line)]
            }
        }
        rig.model.put("a", parts: 4)
        try await rig.running { [rig] _ in
            try await rig.until("4 parts") { rig.model.parts("a").count == 4 }
            // Everything else about the gadget changes while its parts cannot be seen.
            for note in 0..<5 {
                let path = "/apis/test.dev/v1/namespaces/ns/gadgets/a"
                rig.model.call("PATCH", path, ["spec": ["note": .string("\(note)")]])
                try await rig.until("note \(note) is seen") {
                    let seen = await rig.cache.view[Key<Gadget>(namespace: "ns", name: "a")]
                    return seen?.metadata.resourceVersion.text
                        == rig.model.object(path)?[path: ["metadata", "resourceVersion"]]?.string
                }
            }
            #expect(rig.model.created.count == 4)
            gate.open()
            try await rig.until("seen") { rig.isDone("a", 4) }
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 4)
        #expect(rig.model.peak == 4)
    }

    @Test func `B6: a server that lies behind is not believed`() async throws {
        rig.model.put("a", parts: 3)
        try await rig.running { _ in
            try await rig.until("3 parts") { rig.isDone("a", 3) }
            let behind = rig.model.copy()
            rig.model.put("a", parts: 5)
            try await rig.until("5 parts") { rig.isDone("a", 5) }
            try await rig.expectSilence()
            let writes = rig.writes.count
            let asked = rig.proxy.log.count
            rig.proxy.turn(to: behind.port)
            rig.proxy.cutWatches()
            try await rig.until("both kinds ask the other server") {
                rig.proxy.log.count >= asked + 2
            }
            // Something happens there, at versions that were left behind long ago.
            behind.put("other", parts: 1)
            try await Task.sleep(for: .milliseconds(200))
            #expect(await rig.cache.view.all(Part.self).count == 5)
            #expect(rig.writes.count == writes)
            rig.proxy.turn(to: rig.model.port)
            rig.proxy.cutWatches()
            rig.model.put("a", parts: 6)
            try await rig.until("back again") { rig.isDone("a", 6) }
            try await rig.until("in step") { await rig.isInStep() }
        }
        #expect(rig.model.created.count == 6)
    }

    @Test func `B6: a server that was restored to an older state is followed in the end`()
        async throws
    {
        var rig = rig
        rig.watch.silenceMax = .milliseconds(500)
        rig.model.put("a", parts: 3)
        try await rig.running { [rig] _ in
            try await rig.until("3 parts") { rig.isDone("a", 3) }
            let restored = rig.model.copy()
            for wanted in [5, 1, 5] {
                rig.model.put("a", parts: wanted)
                try await rig.until("\(wanted) parts") { rig.isDone("a", wanted) }
            }
            rig.proxy.turn(to: restored.port)
            rig.proxy.cutWatches()
            restored.put("a", parts: 2)
            try await rig.until("the restored one is followed") {
                restored.parts("a").count == 2
            }
        }
    }

    @Test func `B7: events come twice, after what followed them, and as news of what is known`()
        async throws
    {
        let last = Mutex<[String: String]>([:])
        rig.proxy.spoil { exchange in
            guard exchange.isWatch else { return nil }
            return .filter { line in
                let name = (try? JSONValue(parsing: line))?[path: ["object", "metadata", "name"]]
                guard let name = name?.string else { return [.line(line)] }
                let key = "\(exchange.ordinal) \(name)"
                let before = last.withLock { $0.updateValue(line, forKey: key) }
                let again = line.replacing("\"MODIFIED\"", with: "\"ADDED\"")
                return [line, before ?? line, again, line].map { .line($0) }
            }
        }
        try await rig.running { _ in
            for wanted in [4, 1, 3, 0, 2] {
                rig.model.put("a", parts: wanted)
                try await rig.until("\(wanted) parts") { rig.isDone("a", wanted) }
            }
            try await rig.until("in step") { await rig.isInStep() }
            try await rig.expectSilence()
        }
        #expect(rig.model.peak == 4)
    }

    @Test func `B8: what came and went between two looks makes no difference`() async throws {
        rig.model.put("a", parts: 2)
        try await rig.running { _ in
            try await rig.until("2 parts") { rig.isDone("a", 2) }
            rig.proxy.spoil { $0.isWatch ? .lose : nil }
            rig.proxy.cutWatches()
            // Nobody sees any of this.
            rig.model.put("a", parts: 9)
            rig.model.put("a", parts: 2)
            rig.model.call("DELETE", "/apis/test.dev/v1/namespaces/ns/parts/a-1")
            rig.model.put("gone", parts: 3)
            rig.model.call("DELETE", "/apis/test.dev/v1/namespaces/ns/gadgets/gone")
            rig.proxy.spoil(nil)
            try await rig.until("made good") { rig.isDone("a", 2) }
            try await rig.until("in step") { await rig.isInStep() }
            try await rig.expectSilence()
        }
        #expect(rig.model.created.count == 3)
    }

    @Test func `B9: an object is deleted and made again under its name during an outage`()
        async throws
    {
        let path = "/apis/test.dev/v1/namespaces/ns/gadgets/a"
        rig.model.put("a", parts: 2)
        try await rig.running { _ in
            try await rig.until("2 parts") { rig.isDone("a", 2) }
            let first = rig.model.object(path)?[path: ["metadata", "uid"]]
            rig.proxy.spoil { $0.isWatch ? .lose : nil }
            rig.proxy.cutWatches()
            rig.model.call("DELETE", path)
            rig.model.put("a", parts: 2)
            let second = rig.model.object(path)?[path: ["metadata", "uid"]]
            #expect(first != second)
            #expect(rig.status("a")?["parts"] == nil, "nothing is inherited")
            rig.proxy.spoil(nil)
            // By the UID of their owner: those of the first one do not count.
            try await rig.until("parts of its own") { rig.isDone("a", 2) }
            try await rig.until("in step") { await rig.isInStep() }
            try await rig.expectSilence()
        }
        // Where the parts' watch is back before the gadgets', the first one still counts as there
        // and its parts as lost: they are made for it once more, and collected with it.
        #expect([4, 5, 6].contains(rig.model.created.count))
        #expect(rig.model.parts("a").count == 2)
    }

    @Test func `B10: many objects, then all of them at once again`() async throws {
        var rig = rig
        rig.watch.usesWatchList = false
        rig.watch.pageItems = 100
        let count = 400
        for number in 0..<count { rig.model.put("g\(number)", parts: 0) }
        try await rig.running { [rig] _ in
            try await rig.until("all are told") {
                rig.registry.value("controller_runtime_reconcile", ["gadgets", "success"]) ?? 0
                    >= Double(count)
            }
            // The history is gone: everything is read again, and nothing is done again.
            let tally = Tally()
            rig.proxy.spoil { exchange in
                guard exchange.isWatch, tally.next() <= 4 else { return nil }
                return .answer(
                    "410 Gone", [], `Answers of the API server that go wrong`.status(410, "Expired")
                )
            }
            rig.proxy.cutWatches()
            try await rig.until("read again") { tally.count >= 2 }
            try await rig.expectSilence()
            #expect(rig.writes.count == count)
            // One that comes now is not behind all the others.
            rig.model.put("late", parts: 1)
            try await rig.until("the late one") { rig.isDone("late", 1) }
            #expect(await rig.cache.view.all(Gadget.self).count == count + 1)
        }
    }

    @Test func `B10: a reader that is slow makes the server wait, and loses nothing`() async throws
    {
        rig.model.put("a", parts: 0)
        let selection = Selection(namespace: "ns")
        let lists = try await rig.client.list(Gadget.self, in: selection)
        let stream = try await rig.client.watch(
            Gadget.self, in: selection, WatchQuery(resourceVersion: lists.resourceVersion))
        var batches = stream.makeAsyncIterator()
        let text = String(repeating: "x", count: 20_000)
        for number in 0..<300 {
            rig.model.call(
                "PATCH", "/apis/test.dev/v1/namespaces/ns/gadgets/a",
                ["spec": ["parts": .int(number), "note": .string(text)]])
        }
        var seen: [Int] = []
        while seen.last != 299, let batch = try await batches.next() {
            for case .modified(let gadget) in batch { seen.append(gadget.parts) }
        }
        #expect(seen == Array(0..<300).filter { $0 > 0 } || seen == Array(0..<300))
    }
}

import APIServerModel
import KubernetesCore
import Testing

@Suite struct WatchTests {
    static let path = "/api/v1/namespaces/default/configmaps"

    /// Applies events to the state a client has, as an informer does.
    static func fold(
        _ events: [JSONValue], into state: inout [String: JSONValue]
    ) {
        for event in events {
            guard let object = event["object"],
                let name = object[path: ["metadata", "name"]]?.string
            else { continue }
            switch event["type"]?.string {
            case "ADDED", "MODIFIED": state[name] = object
            case "DELETED": state[name] = nil
            default: break
            }
        }
    }

    static func state(_ list: JSONValue) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for item in list["items"]?.array ?? [] {
            var whole = item
            whole["kind"] = "ConfigMap"
            whole["apiVersion"] = "v1"
            result[item[path: ["metadata", "name"]]?.string ?? ""] = whole
        }
        return result
    }

    /// One random change.
    static func change(_ test: inout TestServer, _ random: inout SeededGenerator) {
        let name = "c\(Int.random(in: 0..<12, using: &random))"
        let labels: JSONObject = ["on": .string(Bool.random(using: &random) ? "1" : "0")]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: test.post(path, Make.configMap(name, labels: labels))
        case 1:
            test.merge(path + "/" + name, ["metadata": ["labels": .object(labels)]])
        case 2:
            let value = JSONValue.string("\(UInt64.random(in: 0...9, using: &random))")
            test.merge(path + "/" + name, ["data": ["k": value]])
        default: test.delete(path + "/" + name)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `replaying the watch from any version rebuilds the list`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var test = TestServer(seed: seed)
        var lists: [(version: String, body: JSONValue, selector: String)] = []
        for _ in 0..<120 {
            WatchTests.change(&test, &random)
            let selector = Bool.random(using: &random) ? "" : "labelSelector=on%3D1"
            let list = test.get(WatchTests.path + "?" + selector)
            lists.append((list.version, list.body, selector))
        }
        for (index, list) in lists.enumerated() where index % 6 == Int(seed % 6) {
            let (version, body, selector) = list
            var state = WatchTests.state(body)
            let watch = test.get(
                WatchTests.path + "?watch=1&resourceVersion=\(version)&\(selector)")
            guard let id = watch.watch else {
                Issue.record("seed \(seed): no watch from \(version)")
                return
            }
            WatchTests.fold(test.events()[id]?.events ?? [], into: &state)
            let now = WatchTests.state(test.get(WatchTests.path + "?" + selector).body)
            #expect(state == now, "seed \(seed), from version \(version) with \(selector)")
            test.server.cancelWatch(id)
        }
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `a watch that stays open keeps up with the list`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var test = TestServer(seed: seed)
        let all = test.get(WatchTests.path + "?watch=1").watch
        let some = test.get(WatchTests.path + "?watch=1&labelSelector=on%3D1").watch
        var states: [[String: JSONValue]] = [[:], [:]]
        for step in 0..<200 {
            WatchTests.change(&test, &random)
            guard step % 7 == 0 else { continue }
            let events = test.events()
            for (index, id) in [all, some].enumerated() {
                guard let id else { continue }
                WatchTests.fold(events[id]?.events ?? [], into: &states[index])
            }
            let lists = ["", "?labelSelector=on%3D1"].map {
                WatchTests.state(test.get(WatchTests.path + $0).body)
            }
            #expect(states == lists, "seed \(seed), step \(step)")
        }
    }

    @Test func `versions older than the history are expired`() {
        var test = TestServer(historyMax: 10)
        let first = test.post(WatchTests.path, Make.configMap("a")).version
        for index in 0..<30 { test.post(WatchTests.path, Make.configMap("b\(index)")) }
        let watch = test.get(WatchTests.path + "?watch=1&resourceVersion=\(first)")
        let output = watch.watch.flatMap { test.events()[$0] }
        #expect(output?.events.first?["type"] == "ERROR")
        #expect(output?.events.first?[path: ["object", "code"]] == 410)
        #expect(output?.ended == true)
        let list = test.get(
            WatchTests.path + "?resourceVersion=\(first)&resourceVersionMatch=Exact")
        #expect(list.status == 410)
    }

    @Test func `bookmarks come while nothing changes, and a time limit ends the watch`() {
        var test = TestServer()
        let watch = test.get(
            WatchTests.path + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90&resourceVersion="
                + test.get(WatchTests.path).version)
        guard let id = watch.watch else {
            Issue.record("no watch")
            return
        }
        #expect(test.events()[id] == nil)
        test.post(
            "/api/v1/namespaces/default/secrets",
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "elsewhere"],
            ])
        test.pass(seconds: 31)
        let bookmark = test.events()[id]?.events.first
        #expect(bookmark?["type"] == "BOOKMARK")
        let version = bookmark?[path: ["object", "metadata", "resourceVersion"]]?.string
        #expect(version == test.server.resourceVersion.text)
        test.pass(seconds: 60)
        #expect(test.events()[id]?.ended == true)
        test.pass(seconds: 60)
        #expect(test.events()[id] == nil)
    }

    @Test func `a cancelled watch says nothing more`() {
        var test = TestServer()
        let id = test.get(WatchTests.path + "?watch=1").watch
        _ = test.events()
        id.map { test.server.cancelWatch($0) }
        test.post(WatchTests.path, Make.configMap("a"))
        #expect(test.events().isEmpty)
    }

    @Test func `deleting a definition ends the watches of its objects`() {
        var test = TestServer()
        test.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Make.widgets)
        let id = test.get("/apis/example.dev/v1/widgets?watch=1").watch
        test.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.dev")
        let output = id.flatMap { test.events()[$0] }
        #expect(output?.ended == true)
        #expect(test.get("/apis/example.dev/v1/widgets").status == 404)
    }

    @Test func `copies of a server go their own ways`() {
        var test = TestServer()
        test.post(WatchTests.path, Make.configMap("a"))
        var copy = test
        copy.delete(WatchTests.path + "/a")
        copy.post(WatchTests.path, Make.configMap("b"))
        #expect(test.get(WatchTests.path).names == ["a", "kube-root-ca.crt"])
        #expect(copy.get(WatchTests.path).names == ["b", "kube-root-ca.crt"])
    }
}

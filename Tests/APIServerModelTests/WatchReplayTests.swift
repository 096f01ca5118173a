import APIServerModel
import KubernetesCore
import Testing

/// Whatever happened, and from wherever a watch is resumed: what it says, done to the list of that
/// version, gives the list of now.
@Suite struct WatchReplayTests {
    private static let path = "/api/v1/namespaces/default/configmaps"

    /// The objects of a list by name; what the server made by itself is left out.
    private static func objects(_ answer: TestServer.Answer) -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for item in answer.body["items"]?.array ?? [] {
            let name = item[path: ["metadata", "name"]]?.string ?? ""
            guard name != "kube-root-ca.crt" else { continue }
            found[name] = item
        }
        return found
    }

    private static func step(_ test: inout TestServer, _ random: inout SeededGenerator) {
        let name = "m\(random.next() % 6)"
        let colour = JSONValue.string(["red", "blue"][Int(random.next() % 2)])
        let path = WatchReplayTests.path
        switch random.next() % 6 {
        case 0, 1:
            test.post(
                path, Make.configMap(name, data: ["n": "0"], labels: ["colour": colour]))
        case 2:
            test.merge(path + "/" + name, ["metadata": ["labels": ["colour": colour]]])
        case 3: test.merge(path + "/" + name, ["data": ["n": .string("\(random.next())")]])
        case 4: test.delete(path + "/" + name)
        default:
            test.apply(
                path + "/" + name, Make.configMap(name, data: ["a": "1"]), manager: "applier",
                force: true)
        }
    }

    /// Does what the frames of a watch say to a list.
    private static func replay(
        _ events: [JSONValue], onto list: [String: JSONValue]
    ) -> [String: JSONValue] {
        var list = list
        for event in events {
            var object = event["object"] ?? [:]
            let name = object[path: ["metadata", "name"]]?.string ?? ""
            guard name != "kube-root-ca.crt", event["type"] != "BOOKMARK" else { continue }
            object["apiVersion"] = nil
            object["kind"] = nil
            let isKnown = list[name] != nil
            switch event["type"]?.string {
            case "ADDED":
                #expect(!isKnown, "\(name) was added twice")
                list[name] = object
            case "MODIFIED":
                #expect(isKnown, "\(name) was modified before it was added")
                list[name] = object
            case "DELETED":
                #expect(isKnown, "\(name) was deleted before it was added")
                list[name] = nil
            default: Issue.record("an event of type \(event["type"]?.text ?? "none")")
            }
        }
        return list
    }

    @Test(arguments: UInt64(1)...12, ["", "colour=red", "colour!=red"])
    func `a watch from any version rebuilds the list`(seed: UInt64, selector: String) {
        var test = TestServer(seed: seed)
        var random = SeededGenerator(seed: seed)
        let escaped = selector.replacing("=", with: "%3D").replacing("!", with: "%21")
        let query = "?labelSelector=" + escaped
        var lists: [(version: String, objects: [String: JSONValue])] = []
        for _ in 0..<40 {
            WatchReplayTests.step(&test, &random)
            let list = test.get(WatchReplayTests.path + query)
            lists.append((list.version, WatchReplayTests.objects(list)))
        }
        let now = lists.last?.objects
        for (version, objects) in lists {
            let watch = test.get(
                WatchReplayTests.path + query + "&watch=1&resourceVersion=" + version)
            let events = watch.watch.flatMap { test.events()[$0]?.events } ?? []
            let rebuilt = WatchReplayTests.replay(events, onto: objects)
            #expect(rebuilt == now, "seed \(seed), \(selector), from version \(version)")
        }
    }
}

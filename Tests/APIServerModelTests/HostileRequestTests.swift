import APIServerModel
import KubernetesCore
import Testing

/// Requests that nobody means well with: every one gets an answer, and the server goes on.
@Suite struct HostileRequestTests {
    /// The requests of all vectors, as material.
    static let material: [JSONValue] = ConformanceTests.vectors.flatMap { vector -> [JSONValue] in
        guard let parsed = try? JSONValue(parsing: vector.bytes) else { return [] }
        return (parsed["setup"]?.array ?? []) + (parsed["steps"]?.array ?? [])
    }

    static let odd: [JSONValue] = [
        .null, true, -1, 0, .integer(.max), .integer(.min), 1.5e300, "", "x", "-1", "1e9999",
        "9223372036854775808", [], [[:]], [.null], [:], ["": ""], ["a": .null],
    ]

    /// `value` with one place changed at random.
    static func mutated(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        guard Int.random(in: 0..<6, using: &random) > 0 else {
            return odd[Int.random(in: 0..<odd.count, using: &random)]
        }
        switch value {
        case .array(var elements) where !elements.isEmpty:
            let index = Int.random(in: 0..<elements.count, using: &random)
            if Int.random(in: 0..<5, using: &random) == 0 {
                elements.append(elements[index])
            } else {
                elements[index] = mutated(elements[index], &random)
            }
            return .array(elements)
        case .object(var members) where !members.isEmpty:
            let key = members.keys[Int.random(in: 0..<members.count, using: &random)]
            if Int.random(in: 0..<8, using: &random) == 0 {
                members[key] = nil
            } else {
                members[key] = members[key].map { mutated($0, &random) }
            }
            return .object(members)
        default: return odd[Int.random(in: 0..<odd.count, using: &random)]
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `whatever a body says, the server answers and goes on`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var test = TestServer(seed: seed)
        test.post("/api/v1/namespaces", Make.namespace("ns"))
        test.post("/api/v1/nodes", Make.node("node-x"))
        let types = [
            nil, "application/json", "application/merge-patch+json",
            "application/json-patch+json", "application/strategic-merge-patch+json",
            "application/apply-patch+yaml",
        ]
        for _ in 0..<700 {
            let step = HostileRequestTests.material[
                Int.random(in: 0..<HostileRequestTests.material.count, using: &random)]
            var path = VectorShape.replace("{ns}", with: "ns", in: step["path"]?.string ?? "/")
            if Int.random(in: 0..<10, using: &random) == 0 { path += "/status" }
            if Int.random(in: 0..<10, using: &random) == 0 { path += "?fieldManager=m&force=true" }
            var body = step["body"]
            if Int.random(in: 0..<4, using: &random) > 0 {
                body = body.map { HostileRequestTests.mutated($0, &random) }
            }
            var method = step["method"]?.string ?? "GET"
            if method == "WATCH" { method = "GET" }
            let given = step[path: ["headers", "Content-Type"]]?.string
            let type = given ?? types[Int.random(in: 0..<types.count, using: &random)]
            let answer = test.send(method, path, body, type: type)
            #expect((200..<600).contains(answer.status), "seed \(seed): \(method) \(path)")
            if Int.random(in: 0..<40, using: &random) == 0 { test.pass(seconds: 1) }
            _ = test.events()
        }
        #expect(test.get("/api/v1/namespaces").status == 200)
        #expect(test.get("/openapi/v2").status == 200)
    }

    @Test(arguments: [
        "", "/", "//", "/api", "/api/", "/api/v1/", "/api/v2/pods", "/apis//v1/x", "/api/v1/pods/",
        "/api/v1/namespaces//pods", "/api/v1/namespaces/default/pods/a/b/c/d", "/%", "/api/v1/%00",
        "/api/v1/pods?limit=99999999999999999999&continue=%ff", "/apis/apps/v1/deployments",
        "/openapi/v3/", "/openapi/v3/apis/x", "/version/x",
        "/api/v1/pods?watch=1&timeoutSeconds=-9",
        "/api/v1/namespaces/default/pods?resourceVersion=18446744073709551615&watch=1",
        "/api/v1/namespaces/default/pods?resourceVersion=99999999999999999999",
    ])
    func `odd paths are answered`(_ path: String) {
        var test = TestServer()
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"] {
            let answer = test.send(method, path, [:])
            #expect((200..<600).contains(answer.status), "\(method) \(path)")
        }
    }

    @Test func `bodies that are deep, long or no text are refused`() {
        var test = TestServer()
        let path = "/api/v1/namespaces/default/configmaps"
        let bodies: [[UInt8]] = [
            Array(repeating: UInt8(ascii: "["), count: 1 << 20), [0xFF, 0xFE, 0x00],
            Array("k8s".utf8) + [0, 0xFF, 0xFF], Array("{\"a\":1e99999}".utf8),
            Array(String(repeating: "{\"a\":", count: 500).utf8),
        ]
        for body in bodies {
            for type in ["application/json", "application/vnd.kubernetes.protobuf"] {
                let reply = test.server.handle(
                    ServerRequest(
                        method: "POST", path: path, headers: [("content-type", type)], body: body,
                        clientIdentity: .administrator), at: test.now)
                guard case .response(let status, _, _) = reply else {
                    Issue.record("no response")
                    continue
                }
                #expect((400..<500).contains(status))
            }
        }
    }
}

import APIServerModel
import KubernetesCore

/// A server value with a clock of its own and calls in few words.
struct TestServer {
    var server: APIServer
    var now = Timestamp(seconds: 1_767_225_600)
    var identity: UserIdentity? = .administrator

    init(seed: UInt64 = 1, historyMax: Int = 20_000) {
        server = APIServer(
            configuration: APIServerConfiguration(
                adminToken: "admin", seed: seed, startTime: now, historyMax: historyMax))
    }

    /// What a request was answered with.
    struct Answer {
        var status: Int
        var body: JSONValue
        var headers: [(String, String)]
        var watch: WatchID?
        var logs: PodLogRequest?

        var message: String { body["message"]?.string ?? "" }
        var version: String { body[path: ["metadata", "resourceVersion"]]?.string ?? "" }
        var uid: String { body[path: ["metadata", "uid"]]?.string ?? "" }
        var names: [String] {
            (body["items"]?.array ?? []).compactMap { $0[path: ["metadata", "name"]]?.string }
        }
        var warnings: [String] { headers.filter { $0.0 == "warning" }.map(\.1) }
    }

    @discardableResult
    mutating func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, type: String? = nil,
        accept: String? = nil, headers: [(String, String)] = []
    ) -> Answer {
        var fields = headers
        if let type { fields.append(("content-type", type)) }
        if let accept { fields.append(("accept", accept)) }
        let reply = server.handle(
            ServerRequest(
                method: method, path: path, headers: fields, body: body?.encoded() ?? [],
                clientIdentity: identity), at: now)
        settle()
        switch reply {
        case .response(let status, let headers, let bytes):
            let value = try? JSONValue(parsing: bytes)
            return Answer(
                status: status, body: value ?? .string(String(decoding: bytes, as: UTF8.self)),
                headers: headers)
        case .watch(let id, let headers):
            return Answer(status: 200, body: [:], headers: headers, watch: id)
        case .podLogs(let request):
            return Answer(status: 200, body: [:], headers: [], logs: request)
        }
    }

    @discardableResult
    mutating func get(_ path: String, accept: String? = nil) -> Answer {
        send("GET", path, accept: accept)
    }

    @discardableResult
    mutating func post(_ path: String, _ body: JSONValue) -> Answer { send("POST", path, body) }

    @discardableResult
    mutating func put(_ path: String, _ body: JSONValue) -> Answer { send("PUT", path, body) }

    @discardableResult
    mutating func merge(_ path: String, _ body: JSONValue) -> Answer {
        send("PATCH", path, body, type: "application/merge-patch+json")
    }

    @discardableResult
    mutating func apply(
        _ path: String, _ body: JSONValue, manager: String, force: Bool = false
    ) -> Answer {
        send(
            "PATCH", path + "?fieldManager=\(manager)&force=\(force)", body,
            type: "application/apply-patch+yaml")
    }

    @discardableResult
    mutating func delete(_ path: String, _ body: JSONValue? = nil) -> Answer {
        send("DELETE", path, body)
    }

    /// Lets the controllers run now.
    mutating func settle() { _ = server.tick(at: now) }

    /// Lets time pass, a second at a time.
    mutating func pass(seconds: Int) {
        for _ in 0..<seconds {
            now = now + .seconds(1)
            settle()
        }
    }

    /// What all watches have to say now, by watch.
    mutating func events() -> [WatchID: (events: [JSONValue], ended: Bool)] {
        var result: [WatchID: (events: [JSONValue], ended: Bool)] = [:]
        for output in server.takeFrames() {
            let events = output.frames.compactMap { try? JSONValue(parsing: $0) }
            result[output.watch] = (events, output.ended)
        }
        return result
    }
}

/// Objects that tests make.
enum Make {
    static func configMap(
        _ name: String, data: JSONObject = [:], labels: JSONObject = [:], owners: [JSONValue] = [],
        finalizers: [String] = []
    ) -> JSONValue {
        var metadata: JSONValue = ["name": .string(name), "labels": .object(labels)]
        if !owners.isEmpty { metadata["ownerReferences"] = .array(owners) }
        if !finalizers.isEmpty { metadata["finalizers"] = .strings(finalizers) }
        return [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": .object(data),
        ]
    }

    static func owner(
        _ name: String, _ uid: String, kind: String = "ConfigMap", blocks: Bool = false
    ) -> JSONValue {
        [
            "apiVersion": "v1", "kind": .string(kind), "name": .string(name),
            "uid": .string(uid), "blockOwnerDeletion": .bool(blocks),
        ]
    }

    static func pod(
        _ name: String, labels: JSONObject = [:], spec: JSONObject = [:], cpu: String? = nil
    ) -> JSONValue {
        var container: JSONValue = ["name": "main", "image": "registry.example/agent:1"]
        if let cpu { container[path: ["resources", "requests", "cpu"]] = .string(cpu) }
        var all: JSONValue = ["containers": [container], "automountServiceAccountToken": false]
        for (key, value) in spec { all[key] = value }
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "labels": .object(labels)], "spec": all,
        ]
    }

    static func node(_ name: String, cpu: String = "4", labels: JSONObject = [:]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Node",
            "metadata": ["name": .string(name), "labels": .object(labels)],
            "status": [
                "allocatable": ["cpu": .string(cpu), "memory": "8Gi", "pods": "110"],
                "conditions": [["type": "Ready", "status": "True"]],
            ],
        ]
    }

    static func namespace(_ name: String, labels: JSONObject = [:]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": .string(name), "labels": .object(labels)],
        ]
    }

    static func widget(_ name: String) -> JSONValue {
        [
            "apiVersion": "example.dev/v1", "kind": "Widget", "metadata": ["name": .string(name)],
            "spec": [:],
        ]
    }

    static let widgets: JSONValue = [
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "widgets.example.dev"],
        "spec": [
            "group": "example.dev", "scope": "Namespaced",
            "names": ["plural": "widgets", "kind": "Widget"],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "subresources": ["status": [:]],
                    "schema": [
                        "openAPIV3Schema": [
                            "type": "object",
                            "properties": [
                                "spec": [
                                    "type": "object",
                                    "properties": ["size": ["type": "integer", "default": 1]],
                                ],
                                "status": [
                                    "type": "object",
                                    "properties": ["phase": ["type": "string"]],
                                ],
                            ],
                        ]
                    ],
                ]
            ],
        ],
    ]
}

import ArgumentParser
import FoundationEssentials
import KubernetesCore
import Reconcilers

/// Who decodes events.
enum WatchDecoding: String, CaseIterable, ExpressibleByArgument {
    case watchDecoder
    case jsonDecoder
}

/// Events of a watch of pods, as an API server sends them; always the same ones.
struct WatchCorpus {
    /// How many events are decoded while allocations are counted. Few, because the recorder looks
    /// up who allocates each time, and enough, because they all have the same shape.
    static let measuredCount = 16
    private static let variety = 64

    private let lines: [[UInt8]]
    private let data: [Data]

    /// Events of about so many bytes each.
    init(bytes: Int) {
        lines = (0..<WatchCorpus.variety).map { number in
            let bare = WatchCorpus.event(number, padding: 0)
            let rest = max(0, bytes - bare.text.utf8.count)
            return Array(WatchCorpus.event(number, padding: rest).text.utf8) + [10]
        }
        data = lines.map { Data($0) }
    }

    var bytesPerEvent: Int { lines.reduce(0) { $0 + $1.count } / lines.count }

    /// Decodes `count` events.
    func decode(_ decoding: WatchDecoding, count: Int) throws {
        switch decoding {
        case .watchDecoder:
            var decoder = WatchDecoder<PodView>(of: RequestSummary(.watch, "/api/v1/pods"))
            for number in 0..<count {
                let events = decoder.append(lines[number % lines.count])
                guard events.count == 1 else { throw CommandFailure("an event was lost") }
            }
        case .jsonDecoder:
            let decoder = JSONDecoder()
            for number in 0..<count {
                _ = try decoder.decode(FoundationEvent.self, from: data[number % data.count])
            }
        }
    }

    /// Makes sure that both read the same of every event.
    func check() throws {
        var decoder = WatchDecoder<PodView>(of: RequestSummary(.watch, "/api/v1/pods"))
        for (line, data) in zip(lines, data) {
            let other = try JSONDecoder().decode(FoundationEvent.self, from: data).object
            guard case .modified(let pod)? = decoder.append(line).first, other.isSame(as: pod)
            else { throw CommandFailure("the two decoders read different things") }
        }
    }

    private static func event(_ number: Int, padding: Int) -> JSONValue {
        let name = "crew-\(number)"
        let time: JSONValue = "2026-11-21T08:00:00Z"
        let managed: JSONValue = [
            "manager": "swiftlet", "operation": "Update", "apiVersion": "v1", "time": time,
            "fieldsType": "FieldsV1",
            "fieldsV1": ["f:metadata": ["f:labels": ["f:swiftlet.dev/pool": [:]]], "f:spec": [:]],
        ]
        return [
            "type": "MODIFIED",
            "object": [
                "kind": "Pod", "apiVersion": "v1",
                "metadata": [
                    "name": .string(name), "namespace": "agents",
                    "uid": .string("5f1c9c2e-9f1e-4a55-8a0c-\(100_000_000_000 + number)"),
                    "resourceVersion": .string("\(812_345 + number)"),
                    "creationTimestamp": time,
                    "labels": [
                        "swiftlet.dev/pool": "crew", "swiftlet.dev/tenant": "team-a",
                        "app.kubernetes.io/managed-by": "swiftlet",
                    ],
                    "annotations": [
                        "swiftlet.dev/agent-index": .string("\(number)"),
                        "padding": .string(String(repeating: "x", count: padding)),
                    ],
                    "ownerReferences": [owner], "managedFields": [managed],
                ],
                "spec": spec(number), "status": status(number, time),
            ],
        ]
    }

    private static var owner: JSONValue {
        [
            "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundAgentPool",
            "name": "crew", "uid": "0c3f5a52-5a4e-4b7c-9a53-7a9f0d3a1b11", "controller": true,
        ]
    }

    private static func spec(_ number: Int) -> JSONValue {
        [
            "nodeName": .string("node-\(number % 7)"), "serviceAccountName": "agents",
            "containers": [
                [
                    "name": "agent", "image": "registry.example/agent:1",
                    "resources": ["requests": ["cpu": "250m", "memory": "256Mi"]],
                ]
            ],
        ]
    }

    private static func status(_ number: Int, _ time: JSONValue) -> JSONValue {
        func condition(_ type: JSONValue) -> JSONValue {
            ["type": type, "status": "True", "lastTransitionTime": time]
        }
        return [
            "phase": "Running", "podIP": .string("10.0.0.\(number)"),
            "conditions": [condition("PodScheduled"), condition("Ready")],
            "containerStatuses": [
                [
                    "name": "agent", "ready": true, "restartCount": .int(number % 3),
                    "image": "registry.example/agent:1", "state": ["running": ["startedAt": time]],
                ]
            ],
        ]
    }
}

import KubernetesCore

/// Requests as clients of all kinds send them, good and bad, from a seed.
struct RandomRequests {
    struct Request: Sendable {
        var method: HTTPMethod
        var target: String
        var type: String?
        var accept: String?
        var body: [UInt8]
    }

    private var state: UInt64
    private static let root = "/api/v1/namespaces/default/"
    private static let widgets = "/apis/example.dev/v1/namespaces/default/widgets"

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// What must be there before the first request.
    static let definition: JSONValue = [
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": ["name": "widgets.example.dev"],
        "spec": [
            "group": "example.dev", "scope": "Namespaced",
            "names": ["plural": "widgets", "kind": "Widget"],
            "versions": [
                [
                    "name": "v1", "served": true, "storage": true,
                    "subresources": [
                        "status": [:],
                        "scale": [
                            "specReplicasPath": ".spec.size",
                            "statusReplicasPath": ".status.size",
                        ],
                    ],
                    "schema": [
                        "openAPIV3Schema": [
                            "type": "object",
                            "properties": [
                                "spec": [
                                    "type": "object",
                                    "properties": [
                                        "size": [
                                            "type": "integer", "default": 1, "maximum": 5,
                                        ]
                                    ],
                                ],
                                "status": [
                                    "type": "object",
                                    "properties": ["size": ["type": "integer"]],
                                ],
                            ],
                        ]
                    ],
                ]
            ],
        ],
    ]

    private mutating func number(below limit: UInt64) -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state % limit
    }

    private mutating func pick<T>(_ choices: [T]) -> T {
        choices[Int(number(below: UInt64(choices.count)))]
    }

    private mutating func object(_ isWidget: Bool, _ name: String) -> JSONValue {
        let metadata: JSONValue = pick([
            ["name": .string(name)], ["name": .string(name), "labels": ["a": "b"]],
            ["name": "Bad_Name"], ["generateName": "g-"], [:],
            ["name": .string(name), "namespace": "elsewhere"],
            ["name": .string(name), "resourceVersion": "1"],
        ])
        var value: JSONValue = ["metadata": metadata]
        value["apiVersion"] = isWidget ? "example.dev/v1" : "v1"
        value["kind"] = isWidget ? "Widget" : "ConfigMap"
        if isWidget {
            value["spec"] = pick([
                [:], ["size": 3], ["size": 9], ["size": "x"], ["unknown": 1],
            ])
        } else {
            value["data"] = pick([["k": "v"], ["bad key": "v"], ["k": 1], [:]])
        }
        return value
    }

    /// The next request.
    mutating func next() -> Request {
        let isWidget = number(below: 2) == 0
        let collection = isWidget ? RandomRequests.widgets : RandomRequests.root + "configmaps"
        let name = "o\(number(below: 4))"
        let path = collection + "/" + name
        let value = object(isWidget, name)
        func request(
            _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, type: String? = nil
        ) -> Request {
            Request(
                method: method, target: target, type: body == nil ? nil : type, accept: nil,
                body: body?.encoded() ?? [])
        }
        let json = "application/json"
        switch number(below: 12) {
        case 0, 1:
            // Random names would stand in lists in an order of their own on each side.
            let isNamed = value[path: ["metadata", "generateName"]] == nil
            return request(.post, collection + (isNamed ? "" : "?dryRun=All"), value, type: json)
        case 2:
            let query = pick(["", "&fieldValidation=Strict", "&dryRun=x"])
            return request(.post, collection + "?dryRun=All" + query, value, type: json)
        case 3: return request(.put, path, value, type: json)
        case 4:
            return request(.patch, path, value, type: "application/merge-patch+json")
        case 5:
            let patch: JSONValue = pick([
                [["op": "add", "path": "/metadata/labels", "value": ["x": "y"]]],
                [["op": "test", "path": "/metadata/name", "value": "nobody"]], [:],
            ])
            return request(.patch, path, patch, type: "application/json-patch+json")
        case 6:
            return request(
                .patch, path + "?fieldManager=" + pick(["one", "two", ""]), value,
                type: "application/apply-patch+yaml")
        case 7: return request(.delete, path)
        case 8: return request(.get, pick([path, path + "/scale", path + "/status"]))
        case 9:
            let query = pick([
                "?limit=2", "?labelSelector=a%3Db", "?labelSelector=a%20b", "?limit=x",
                "?fieldSelector=metadata.name%3Do1",
            ])
            return request(.get, collection + query)
        case 10:
            var list = request(.get, collection)
            list.accept = pick([
                "application/json;as=Table;v=v1;g=meta.k8s.io", "application/xml",
                "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            ])
            return list
        default: return request(.get, pick(["/apis/example.dev/v1", "/nowhere", "/api/v1/pods"]))
        }
    }
}

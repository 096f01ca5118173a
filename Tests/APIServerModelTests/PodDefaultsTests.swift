import APIServerModel
import KubernetesCore
import Testing

/// `PodDefaults.defaulted` says what the server would store, before the server is asked.
@Suite struct PodDefaultsTests {
    private static let plain: JSONObject = ["containers": [["name": "c", "image": "i"]]]

    private static let rich: JSONObject = [
        "automountServiceAccountToken": false, "hostNetwork": true,
        "initContainers": [
            [
                "name": "i", "image": "registry:5000/x:1.2",
                "env": [
                    [
                        "name": "N",
                        "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]],
                    ]
                ],
            ]
        ],
        "containers": [
            [
                "name": "c", "image": "registry.example/x@sha256:0123456789abcdef",
                "ports": [["containerPort": 80]],
                "resources": ["limits": ["cpu": "1", "memory": "1Gi"]],
                "livenessProbe": ["httpGet": ["port": 80]],
                "readinessProbe": ["exec": ["command": ["true"]], "periodSeconds": 3],
                "lifecycle": ["preStop": ["httpGet": ["port": 80]]],
                "volumeMounts": [["name": "a", "mountPath": "/a"]],
            ]
        ],
        "volumes": [
            ["name": "a"], ["name": "b", "hostPath": ["path": "/b"]],
            ["name": "s", "secret": ["secretName": "s"]],
            [
                "name": "p",
                "projected": [
                    "sources": [
                        ["serviceAccountToken": ["path": "token"]],
                        [
                            "downwardAPI": [
                                "items": [
                                    [
                                        "path": "n",
                                        "fieldRef": ["fieldPath": "metadata.name"],
                                    ]
                                ]
                            ]
                        ],
                    ]
                ],
            ],
        ],
        "tolerations": [["operator": "Exists"]], "serviceAccountName": "default",
    ]

    @Test(arguments: [plain, rich])
    func `a pod is defaulted as the server defaults it`(spec: JSONObject) throws {
        var test = TestServer()
        var spec = spec
        // Without a token nothing is mounted whose name only the server knows.
        spec["automountServiceAccountToken"] = false
        let pod = Make.pod("p", spec: spec)
        let reply = test.post("/api/v1/namespaces/default/pods", pod)
        #expect(reply.status == 201, "\(reply.message)")
        var stored = try #require(test.get("/api/v1/namespaces/default/pods/p").body["spec"])
        // What other objects decide.
        for key in ["priority", "preemptionPolicy", "nodeName"] { stored[key] = nil }
        let expected = try #require(PodDefaults.defaulted(pod)["spec"])
        for key in (stored.object?.keys ?? []) + (expected.object?.keys ?? []) {
            #expect(expected[key] == stored[key], "\(key)")
        }
    }

    @Test func `defaulting what is defaulted changes nothing, and what is no pod stays as it is`() {
        let once = PodDefaults.defaulted(Make.pod("p", spec: Self.rich))
        #expect(PodDefaults.defaulted(once) == once)
        for value: JSONValue in [.null, 3, ["spec": "x"], ["spec": ["containers": [1, "x", []]]]] {
            _ = PodDefaults.defaulted(value)
        }
    }
}

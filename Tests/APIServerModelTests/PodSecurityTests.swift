import APIServerModel
import KubernetesCore
import Testing

@Suite struct PodSecurityTests {
    static let safe: JSONObject = [
        "containers": [
            [
                "name": "c", "image": "i",
                "securityContext": [
                    "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
                ],
            ]
        ],
        "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
    ]

    @Test func `a namespace refuses pods below its level and warns about others`() {
        var test = TestServer()
        let enforce = "pod-security.kubernetes.io/enforce"
        test.post("/api/v1/namespaces", Make.namespace("strict", labels: [enforce: "restricted"]))
        let pods = "/api/v1/namespaces/strict/pods"
        let refused = test.post(pods, Make.pod("a"))
        #expect(refused.status == 403)
        #expect(
            refused.message == "pods \"a\" is forbidden: violates PodSecurity "
                + "\"restricted:latest\": allowPrivilegeEscalation != false (container \"main\" "
                + "must set securityContext.allowPrivilegeEscalation=false), unrestricted "
                + "capabilities (container \"main\" must set "
                + "securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or "
                + "container \"main\" must set securityContext.runAsNonRoot=true), "
                + "seccompProfile (pod or container \"main\" must set "
                + "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")
        #expect(test.post(pods, Make.pod("b", spec: PodSecurityTests.safe)).status == 201)
        test.merge(
            "/api/v1/namespaces/strict",
            [
                "metadata": [
                    "labels": [
                        "pod-security.kubernetes.io/enforce": "baseline",
                        "pod-security.kubernetes.io/warn": "restricted",
                    ]
                ]
            ])
        let warned = test.post(pods, Make.pod("c"))
        #expect(warned.status == 201)
        #expect(warned.warnings.count == 1)
        let applied = test.apply(pods + "/e", Make.pod("e"), manager: "m")
        #expect(applied.status == 201)
        #expect(applied.warnings == warned.warnings)
        let host = test.post(pods, Make.pod("d", spec: ["hostNetwork": true]))
        #expect(host.message.hasSuffix("\"baseline:latest\": host namespaces (hostNetwork=true)"))
    }

    static let prefix = "pod-security.kubernetes.io/"

    static func labels(_ labels: JSONObject) -> JSONObject {
        JSONObject(labels.map { (prefix + $0.0, $0.1) })
    }

    static func strict(_ name: String, _ labels: JSONObject) -> JSONValue {
        Make.namespace(name, labels: self.labels(labels))
    }

    @Test func `labels that name no level are refused, but not those that stand there`() {
        var test = TestServer()
        let refused = test.post("/api/v1/namespaces", Self.strict("a", ["enforce": "strict"]))
        #expect(refused.status == 422)
        #expect(
            refused.message == "Namespace \"a\" is invalid: "
                + "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": "
                + "must be one of privileged, baseline, restricted")
        let cause = refused.body[path: ["details", "causes"]]?[0]
        #expect(cause?["field"] == "metadata.labels[pod-security.kubernetes.io/enforce]")
        #expect(test.post("/api/v1/namespaces", Self.strict("a", [:])).status == 201)
        let wrong: JSONValue = [
            "metadata": ["labels": .object(Self.labels(["warn-version": "1.30"]))]
        ]
        let changed = test.merge("/api/v1/namespaces/a", wrong)
        #expect(changed.status == 422)
        #expect(changed.message.hasSuffix("\"1.30\": must be \"latest\" or \"v1.x\""))
    }

    @Test func `raising the level names pods that would be refused now, and leaves them`() {
        var test = TestServer()
        test.post("/api/v1/namespaces", Self.strict("a", [:]))
        let pods = "/api/v1/namespaces/a/pods"
        test.post(pods, Make.pod("one", spec: ["hostNetwork": true]))
        test.post(pods, Make.pod("two", spec: ["hostNetwork": true]))
        test.post(pods, Make.pod("safe", spec: Self.safe))
        let change: JSONValue = [
            "metadata": ["labels": .object(Self.labels(["enforce": "baseline"]))]
        ]
        let expected = [
            "299 - \"existing pods in namespace \\\"a\\\" violate the new PodSecurity enforce "
                + "level \\\"baseline:latest\\\"\"",
            "299 - \"one (and 1 other pod): host namespaces\"",
        ]
        let namespace = "/api/v1/namespaces/a"
        #expect(test.merge(namespace + "?dryRun=All", change).warnings == expected)
        #expect(test.merge(namespace, change).warnings == expected)
        #expect(test.merge(namespace, change).warnings.isEmpty)
        #expect(test.get(pods).names.count == 3)
        // What changes nothing that counts may still be changed; a new image may not.
        let label: JSONValue = ["metadata": ["labels": ["a": "b"]]]
        #expect(test.merge(pods + "/one", label).status == 200)
        let image = test.send(
            "PATCH", pods + "/one",
            [["op": "replace", "path": "/spec/containers/0/image", "value": "other"]],
            type: "application/json-patch+json")
        #expect(image.status == 403)
    }

    @Test func `a namespace can hold pods to the rules of an older version`() {
        var test = TestServer()
        let old: JSONObject = ["enforce": "baseline", "enforce-version": "v1.33"]
        test.post("/api/v1/namespaces", Self.strict("old", old))
        test.post("/api/v1/namespaces", Self.strict("new", ["enforce": "baseline"]))
        let probe: JSONValue = ["tcpSocket": ["host": "h", "port": 1]]
        let pod = Make.pod(
            "p", spec: ["containers": [["name": "c", "image": "i", "livenessProbe": probe]]])
        #expect(test.post("/api/v1/namespaces/old/pods", pod).status == 201)
        let refused = test.post("/api/v1/namespaces/new/pods", pod)
        #expect(
            refused.message.hasSuffix(
                "probe or lifecycle host (container \"c\" uses probe or lifecycle host \"h\")"))
    }

    @Test func `what is only noted goes to the audit notes, once`() {
        var test = TestServer()
        test.post("/api/v1/namespaces", Self.strict("a", ["audit": "baseline"]))
        test.post("/api/v1/namespaces/a/pods", Make.pod("quiet", spec: Self.safe))
        let answer = test.post(
            "/api/v1/namespaces/a/pods", Make.pod("loud", spec: ["hostPID": true]))
        #expect(answer.status == 201)
        #expect(answer.warnings.isEmpty)
        let notes = test.server.takeAuditNotes()
        #expect(notes.map(\.object) == ["pods \"loud\" in namespace \"a\""])
        #expect(
            notes.first?.annotations[Self.prefix + "audit-violations"]
                == "would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)")
        #expect(test.server.takeAuditNotes().isEmpty)
    }
}

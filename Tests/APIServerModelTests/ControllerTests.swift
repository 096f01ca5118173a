import APIServerModel
import KubernetesCore
import Testing

@Suite struct ControllerTests {
    static let maps = "/api/v1/namespaces/default/configmaps"
    static let pods = "/api/v1/namespaces/default/pods"

    /// An owner with two dependents, one of which owns a third.
    static func family(_ test: inout TestServer, blocks: Bool) {
        let owner = test.post(maps, Make.configMap("owner")).uid
        let child = test.post(
            maps, Make.configMap("child", owners: [Make.owner("owner", owner, blocks: blocks)])
        ).uid
        test.post(
            maps, Make.configMap("other", owners: [Make.owner("owner", owner, blocks: blocks)]))
        test.post(
            maps, Make.configMap("grandchild", owners: [Make.owner("child", child, blocks: blocks)])
        )
    }

    static func options(_ policy: String) -> JSONValue {
        ["apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": .string(policy)]
    }

    @Test func `what an owner owned goes after it`() {
        var test = TestServer()
        ControllerTests.family(&test, blocks: false)
        test.delete(ControllerTests.maps + "/owner")
        #expect(test.get(ControllerTests.maps).names == ["kube-root-ca.crt"])
    }

    @Test func `in the foreground an owner waits for what blocks its deletion`() {
        var test = TestServer()
        ControllerTests.family(&test, blocks: true)
        test.merge(
            ControllerTests.maps + "/other", ["metadata": ["finalizers": ["example.dev/hold"]]])
        test.delete(ControllerTests.maps + "/owner", ControllerTests.options("Foreground"))
        #expect(test.get(ControllerTests.maps).names == ["kube-root-ca.crt", "other", "owner"])
        let owner = test.get(ControllerTests.maps + "/owner").body
        #expect(owner[path: ["metadata", "finalizers"]] == ["foregroundDeletion"])
        test.merge(ControllerTests.maps + "/other", ["metadata": ["finalizers": .null]])
        #expect(test.get(ControllerTests.maps).names == ["kube-root-ca.crt"])
    }

    @Test func `orphans stay, without their owner`() {
        var test = TestServer()
        ControllerTests.family(&test, blocks: true)
        test.delete(ControllerTests.maps + "/owner", ControllerTests.options("Orphan"))
        #expect(
            test.get(ControllerTests.maps).names
                == ["child", "grandchild", "kube-root-ca.crt", "other"])
        let child = test.get(ControllerTests.maps + "/child").body
        #expect(child[path: ["metadata", "ownerReferences"]] == nil)
    }

    @Test func `an object with two owners stays until both have gone`() {
        var test = TestServer()
        let first = test.post(ControllerTests.maps, Make.configMap("first")).uid
        let second = test.post(ControllerTests.maps, Make.configMap("second")).uid
        test.post(
            ControllerTests.maps,
            Make.configMap(
                "child", owners: [Make.owner("first", first), Make.owner("second", second)]))
        test.delete(ControllerTests.maps + "/first")
        let child = test.get(ControllerTests.maps + "/child").body
        #expect(child[path: ["metadata", "ownerReferences"]]?.array?.count == 1)
        test.delete(ControllerTests.maps + "/second")
        #expect(test.get(ControllerTests.maps + "/child").status == 404)
    }

    @Test func `an object whose owner never was goes at once`() {
        var test = TestServer()
        let stranger = Make.owner("gone", "00000000-0000-4000-8000-000000000000")
        test.post(ControllerTests.maps, Make.configMap("child", owners: [stranger]))
        #expect(test.get(ControllerTests.maps + "/child").status == 404)
    }

    @Test func `an owner of a kind that is not served keeps what it owns`() {
        var test = TestServer()
        var stranger = Make.owner("x", "00000000-0000-4000-8000-000000000000", kind: "Thing")
        stranger["apiVersion"] = "nowhere.dev/v1"
        test.post(ControllerTests.maps, Make.configMap("child", owners: [stranger]))
        #expect(test.get(ControllerTests.maps + "/child").status == 200)
    }

    @Test func `a namespace is furnished, emptied and taken out`() {
        var test = TestServer()
        test.post("/api/v1/namespaces", Make.namespace("team"))
        let maps = "/api/v1/namespaces/team/configmaps"
        #expect(test.get("/api/v1/namespaces/team/serviceaccounts/default").status == 200)
        #expect(test.get(maps).names == ["kube-root-ca.crt"])
        test.post(maps, Make.configMap("held", finalizers: ["example.dev/hold"]))
        test.delete("/api/v1/namespaces/team")
        let refused = test.post(maps, Make.configMap("late"))
        #expect(refused.status == 403)
        #expect(
            refused.body[path: ["details", "causes"]]?[0]?["reason"] == "NamespaceTerminating")
        test.pass(seconds: 5)
        #expect(test.get(maps).names == ["held"])
        let states = test.get("/api/v1/namespaces/team").body[path: ["status", "conditions"]]
        let messages = (states?.array ?? []).filter { $0["status"] == "True" }.map {
            "\($0["type"]?.string ?? ""): \($0["message"]?.string ?? "")"
        }
        #expect(
            messages == [
                "NamespaceContentRemaining: Some resources are remaining: configmaps. has 1 "
                    + "resource instances",
                "NamespaceFinalizersRemaining: Some content in the namespace has finalizers "
                    + "remaining: example.dev/hold in 1 resource instances",
            ])
        test.merge(maps + "/held", ["metadata": ["finalizers": .null]])
        #expect(test.get("/api/v1/namespaces/team").status == 404)
    }

    @Test func `a pod is bound through the collection of bindings as through its subresource`() {
        var test = TestServer()
        test.post("/api/v1/namespaces/default/pods", Make.pod("p"))
        let bindings = "/api/v1/namespaces/default/bindings"
        let wanted: JSONValue = [
            "apiVersion": "v1", "kind": "Binding", "metadata": ["name": "p"],
            "target": ["kind": "Node", "name": "far"],
        ]
        let bound = test.post(bindings, wanted)
        #expect(bound.status == 201 && bound.body["status"] == "Success", "\(bound.body.text)")
        let pod = test.get("/api/v1/namespaces/default/pods/p").body
        #expect(pod[path: ["spec", "nodeName"]] == "far")
        let again = test.post(bindings, wanted)
        #expect(again.status == 409)
        #expect(again.message.hasSuffix("pod p is already assigned to node \"far\""))
        var other = wanted
        other[path: ["metadata", "name"]] = "nobody"
        #expect(test.post(bindings, other).message == "pods \"nobody\" not found")
        #expect(test.get(bindings).status == 405)
    }

    @Test func `a definition takes its objects with it`() {
        var test = TestServer()
        let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        let widgets = "/apis/example.dev/v1/namespaces/default/widgets"
        test.post(definitions, Make.widgets)
        test.post(
            widgets,
            [
                "apiVersion": "example.dev/v1", "kind": "Widget",
                "metadata": ["name": "a", "finalizers": ["example.dev/hold"]],
            ])
        test.delete(definitions + "/widgets.example.dev")
        let leaving = test.get(definitions + "/widgets.example.dev").body
        #expect(
            leaving[path: ["metadata", "finalizers"]]
                == ["customresourcecleanup.apiextensions.k8s.io"])
        test.merge(widgets + "/a", ["metadata": ["finalizers": .null]])
        #expect(test.get(definitions + "/widgets.example.dev").status == 404)
        #expect(test.get(widgets).status == 404)
    }

    @Test func `pods are bound to nodes that fit and told why not`() {
        var test = TestServer()
        test.post(ControllerTests.pods, Make.pod("big", cpu: "3"))
        var pod = test.get(ControllerTests.pods + "/big").body
        #expect(
            pod[path: ["status", "conditions"]]?[0]?["message"]
                == "no nodes available to schedule pods")
        test.post("/api/v1/nodes", Make.node("small", cpu: "1"))
        test.post("/api/v1/nodes", Make.node("large", labels: ["disk": "fast"]))
        pod = test.get(ControllerTests.pods + "/big").body
        #expect(pod[path: ["spec", "nodeName"]] == "large")
        #expect(pod[path: ["status", "conditions"]]?[0]?["status"] == "True")
        test.post(ControllerTests.pods, Make.pod("second", cpu: "3"))
        let second = test.get(ControllerTests.pods + "/second").body
        #expect(
            second[path: ["status", "conditions"]]?[0]?["message"]
                == "0/2 nodes are available: 2 Insufficient cpu.")
        test.post(
            ControllerTests.pods, Make.pod("picky", spec: ["nodeSelector": ["disk": "fast"]]))
        let picky = test.get(ControllerTests.pods + "/picky").body
        #expect(picky[path: ["spec", "nodeName"]] == "large")
        test.delete(ControllerTests.pods + "/big", ["gracePeriodSeconds": 0])
        let placed = test.get(ControllerTests.pods + "/second").body
        #expect(placed[path: ["spec", "nodeName"]] == "large")
    }

    @Test func `a bound pod waits for its node, and for none that does not exist`() {
        var test = TestServer()
        test.post("/api/v1/nodes", Make.node("node"))
        test.post(ControllerTests.pods, Make.pod("kept"))
        test.post(ControllerTests.pods, Make.pod("lost", spec: ["nodeName": "nowhere"]))
        test.delete(ControllerTests.pods + "/kept")
        test.delete(ControllerTests.pods + "/lost")
        test.pass(seconds: 29)
        #expect(test.get(ControllerTests.pods).names == ["kept", "lost"])
        test.pass(seconds: 2)
        #expect(test.get(ControllerTests.pods).names == ["kept"])
        test.delete(ControllerTests.pods + "/kept", ["gracePeriodSeconds": 0])
        #expect(test.get(ControllerTests.pods).names.isEmpty)
    }

    @Test func `events are kept for an hour`() {
        var test = TestServer()
        test.post(
            "/api/v1/namespaces/default/events",
            [
                "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e"],
                "involvedObject": ["namespace": "default"],
            ])
        test.now = test.now + .seconds(3_599)
        test.settle()
        #expect(test.get("/api/v1/events").names == ["e"])
        test.now = test.now + .seconds(2)
        test.settle()
        #expect(test.get("/api/v1/events").names.isEmpty)
    }

    @Test func `an eviction keeps to the disruption budget`() {
        var test = TestServer()
        test.post(
            "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
            [
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "keep"],
                "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "a"]]],
            ])
        for name in ["one", "two"] {
            test.post(
                ControllerTests.pods,
                Make.pod(name, labels: ["app": "a"], spec: ["nodeName": "nowhere"]))
            test.merge(
                ControllerTests.pods + "/\(name)/status",
                [
                    "status": [
                        "phase": "Running", "conditions": [["type": "Ready", "status": "True"]],
                    ]
                ])
        }
        func evict(_ name: String) -> TestServer.Answer {
            test.post(
                ControllerTests.pods + "/\(name)/eviction",
                [
                    "apiVersion": "policy/v1", "kind": "Eviction",
                    "metadata": ["name": .string(name)],
                ])
        }
        #expect(evict("one").status == 201)
        let refused = evict("two")
        #expect(refused.status == 429)
        #expect(
            refused.body[path: ["details", "causes"]]?[0]?["message"]
                == "The disruption budget keep needs 1 healthy pods and has 1 currently")
    }
}

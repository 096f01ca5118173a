import APIServerModel
import KubernetesCore
import Testing

/// Deployments and ReplicaSets: what people install an operator with.
@Suite struct WorkloadTests {
    static let deployments = "/apis/apps/v1/namespaces/default/deployments"
    static let sets = "/apis/apps/v1/namespaces/default/replicasets"
    static let pods = "/api/v1/namespaces/default/pods"

    static func deployment(
        _ name: String = "web", replicas: Int = 3, image: String = "web:1",
        strategy: JSONValue = ["type": "RollingUpdate"], more: JSONObject = [:]
    ) -> JSONValue {
        var spec: JSONValue = [
            "replicas": .int(replicas), "strategy": strategy,
            "selector": ["matchLabels": ["app": .string(name)]],
            "template": [
                "metadata": ["labels": ["app": .string(name)]],
                "spec": ["containers": [["name": "main", "image": .string(image)]]],
            ],
        ]
        for (key, value) in more { spec[key] = value }
        return [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
            "spec": spec,
        ]
    }

    static func items(_ test: inout TestServer, _ path: String) -> [JSONValue] {
        test.get(path).body["items"]?.array ?? []
    }

    static func isReady(_ pod: JSONValue) -> Bool {
        (pod[path: ["status", "conditions"]]?.array ?? []).contains {
            $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
        }
    }

    static func image(_ pod: JSONValue) -> String {
        pod[path: ["spec", "containers"]]?[0]?["image"]?.string ?? ""
    }

    /// Says of the first pod that is not ready that it is. Returns whether there was one.
    @discardableResult
    static func readyOne(_ test: inout TestServer) -> Bool {
        guard let pod = items(&test, pods).first(where: { !isReady($0) }) else { return false }
        let name = pod[path: ["metadata", "name"]]?.string ?? ""
        test.merge(
            pods + "/" + name + "/status",
            [
                "status": [
                    "phase": "Running",
                    "conditions": [
                        [
                            "type": "Ready", "status": "True",
                            "lastTransitionTime": .string(test.now.description),
                        ]
                    ],
                ]
            ])
        return true
    }

    static func status(_ test: inout TestServer, _ name: String = "web") -> JSONValue {
        test.get(deployments + "/" + name).body["status"] ?? [:]
    }

    static func condition(_ status: JSONValue, _ type: String) -> JSONValue? {
        (status["conditions"]?.array ?? []).first { $0["type"]?.string == type }
    }

    @Test func `a Deployment makes one set, and the set makes its pods`() throws {
        var test = TestServer()
        #expect(test.post(Self.deployments, Self.deployment()).status == 201)
        let set = try #require(Self.items(&test, Self.sets).first)
        let hash = set[path: ["metadata", "labels", "pod-template-hash"]]
        #expect(set[path: ["metadata", "ownerReferences"]]?[0]?["kind"] == "Deployment")
        #expect(set[path: ["spec", "selector", "matchLabels", "pod-template-hash"]] == hash)
        let pods = Self.items(&test, Self.pods)
        #expect(pods.count == 3)
        for pod in pods {
            #expect(pod[path: ["metadata", "labels", "pod-template-hash"]] == hash)
            let owner = pod[path: ["metadata", "ownerReferences"]]?[0]
            #expect(owner?["uid"] == set[path: ["metadata", "uid"]])
            #expect(owner?["controller"] == true)
        }
        var status = Self.status(&test)
        #expect(status["replicas"] == 3)
        #expect(status["unavailableReplicas"] == 3)
        #expect(Self.condition(status, "Available")?["status"] == "False")
        while Self.readyOne(&test) {}
        status = Self.status(&test)
        #expect(status["availableReplicas"] == 3)
        #expect(status["unavailableReplicas"] == nil)
        #expect(Self.condition(status, "Available")?["status"] == "True")
        #expect(Self.condition(status, "Progressing")?["reason"] == "NewReplicaSetAvailable")
    }

    @Test func `a finished Deployment is left alone`() {
        var test = TestServer()
        test.post(Self.deployments, Self.deployment())
        while Self.readyOne(&test) {}
        func versions(_ test: inout TestServer) -> [JSONValue?] {
            [Self.deployments, Self.sets, Self.pods].flatMap { Self.items(&test, $0) }
                .map { $0[path: ["metadata", "resourceVersion"]] }
        }
        let before = versions(&test)
        test.now = test.now + .seconds(3_600)
        _ = test.server.tick(at: test.now)
        #expect(versions(&test) == before)
    }

    @Test func `a rolling update keeps within surge and unavailability, whatever they are`() {
        let shares: [(JSONValue, JSONValue, Int, Int)] = [
            (1, 0, 1, 0), (0, 1, 0, 1), ("25%", "25%", 2, 1), (3, 2, 3, 2), ("100%", 0, 5, 0),
            (0, "100%", 0, 5),
        ]
        for (surge, unavailable, most, fewest) in shares {
            var test = TestServer()
            let strategy: JSONValue = [
                "type": "RollingUpdate",
                "rollingUpdate": ["maxSurge": surge, "maxUnavailable": unavailable],
            ]
            test.post(Self.deployments, Self.deployment(replicas: 5, strategy: strategy))
            while Self.readyOne(&test) {}
            test.put(
                Self.deployments + "/web",
                Self.deployment(replicas: 5, image: "web:2", strategy: strategy))
            var rounds = 0
            repeat {
                let pods = Self.items(&test, Self.pods)
                #expect(pods.count <= 5 + most, "surge \(surge)")
                #expect(
                    pods.filter(Self.isReady).count >= 5 - fewest, "unavailable \(unavailable)")
                rounds += 1
            } while Self.readyOne(&test) && rounds < 50
            let pods = Self.items(&test, Self.pods)
            #expect(pods.map(Self.image) == Array(repeating: "web:2", count: 5))
            let sizes = Self.items(&test, Self.sets).map { $0[path: ["spec", "replicas"]] ?? -1 }
            #expect(Set(sizes) == [0, 5])
            let status = Self.status(&test)
            #expect(status["updatedReplicas"] == 5)
            #expect(Self.condition(status, "Progressing")?["reason"] == "NewReplicaSetAvailable")
        }
    }

    @Test func `with Recreate the old ones are gone before the new ones come`() {
        var test = TestServer()
        let strategy: JSONValue = ["type": "Recreate"]
        test.post(Self.deployments, Self.deployment(strategy: strategy))
        while Self.readyOne(&test) {}
        // A pod that takes its time to go.
        let name = Self.items(&test, Self.pods)[0][path: ["metadata", "name"]]?.string ?? ""
        test.merge(Self.pods + "/" + name, ["metadata": ["finalizers": ["example.dev/hold"]]])
        test.put(
            Self.deployments + "/web", Self.deployment(image: "web:2", strategy: strategy))
        #expect(Self.items(&test, Self.pods).map(Self.image) == ["web:1"])
        #expect(Self.status(&test)["terminatingReplicas"] == 1)
        test.merge(Self.pods + "/" + name, ["metadata": ["finalizers": .null]])
        #expect(Self.items(&test, Self.pods).map(Self.image) == ["web:2", "web:2", "web:2"])
    }

    @Test func `going back to an old template takes its set again, as a new revision`() {
        var test = TestServer()
        test.post(Self.deployments, Self.deployment())
        while Self.readyOne(&test) {}
        let first = Self.items(&test, Self.sets)[0][path: ["metadata", "name"]]
        for image in ["web:2", "web:1"] {
            test.put(Self.deployments + "/web", Self.deployment(image: image))
            while Self.readyOne(&test) {}
        }
        let sets = Self.items(&test, Self.sets)
        #expect(sets.count == 2)
        let used = sets.first { $0[path: ["spec", "replicas"]] == 3 }
        #expect(used?[path: ["metadata", "name"]] == first)
        let revision = ["metadata", "annotations", "deployment.kubernetes.io/revision"]
        #expect(used?[path: revision] == "3")
        #expect(test.get(Self.deployments + "/web").body[path: revision] == "3")
    }

    @Test func `the history of sets is no longer than wanted`() {
        var test = TestServer()
        for number in 1...6 {
            let wanted = Self.deployment(
                image: "web:\(number)", more: ["revisionHistoryLimit": 2])
            if number == 1 {
                test.post(Self.deployments, wanted)
            } else {
                test.put(Self.deployments + "/web", wanted)
            }
            while Self.readyOne(&test) {}
        }
        #expect(Self.items(&test, Self.sets).count == 3)
    }

    @Test func `a Deployment is scaled through its scale`() {
        var test = TestServer()
        test.post(Self.deployments, Self.deployment())
        while Self.readyOne(&test) {}
        let scale = Self.deployments + "/web/scale"
        #expect(test.get(scale).body[path: ["status", "selector"]] == "app=web")
        #expect(test.merge(scale, ["spec": ["replicas": 1]]).status == 200)
        #expect(Self.items(&test, Self.pods).count == 1)
        test.merge(scale, ["spec": ["replicas": 4]])
        #expect(Self.items(&test, Self.pods).count == 4)
        // The one that was ready is still there.
        #expect(Self.items(&test, Self.pods).contains(where: Self.isReady))
    }

    @Test func `a pod that a quota refuses is told in conditions, and made when there is room`() {
        var test = TestServer()
        test.post(
            "/api/v1/namespaces/default/resourcequotas",
            [
                "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "few"],
                "spec": ["hard": ["pods": "1"]],
            ])
        test.post(Self.deployments, Self.deployment())
        #expect(Self.items(&test, Self.pods).count == 1)
        let failure = Self.condition(Self.status(&test), "ReplicaFailure")
        #expect(failure?["reason"] == "FailedCreate")
        #expect(failure?["message"]?.string?.contains("exceeded quota: few") == true)
        test.merge(
            "/api/v1/namespaces/default/resourcequotas/few", ["spec": ["hard": ["pods": "5"]]])
        #expect(Self.items(&test, Self.pods).count == 3)
        #expect(Self.condition(Self.status(&test), "ReplicaFailure") == nil)
    }

    @Test func `a rollout on which nothing moves is called stuck after its deadline`() {
        var test = TestServer()
        test.post(
            Self.deployments, Self.deployment(more: ["progressDeadlineSeconds": 60]))
        test.now = test.now + .seconds(59)
        _ = test.server.tick(at: test.now)
        #expect(Self.condition(Self.status(&test), "Progressing")?["status"] == "True")
        test.now = test.now + .seconds(2)
        _ = test.server.tick(at: test.now)
        let progress = Self.condition(Self.status(&test), "Progressing")
        #expect(progress?["reason"] == "ProgressDeadlineExceeded")
        while Self.readyOne(&test) {}
        #expect(
            Self.condition(Self.status(&test), "Progressing")?["reason"]
                == "NewReplicaSetAvailable")
    }

    @Test func `a pod counts as available when it was ready for long enough`() {
        var test = TestServer()
        test.post(Self.deployments, Self.deployment(more: ["minReadySeconds": 10]))
        while Self.readyOne(&test) {}
        #expect(Self.status(&test)["readyReplicas"] == 3)
        #expect(Self.status(&test)["availableReplicas"] == nil)
        let due = test.server.tick(at: test.now)
        #expect(due.map { $0 <= test.now + .seconds(10) } == true)
        test.now = test.now + .seconds(10)
        _ = test.server.tick(at: test.now)
        #expect(Self.status(&test)["availableReplicas"] == 3)
    }

    @Test func `with a Deployment its sets and pods go, and a lost pod is made again`() {
        var test = TestServer()
        test.post(Self.deployments, Self.deployment())
        let pod = Self.items(&test, Self.pods)[0][path: ["metadata", "name"]]?.string ?? ""
        test.delete(Self.pods + "/" + pod)
        #expect(Self.items(&test, Self.pods).count == 3)
        #expect(!test.get(Self.pods).names.contains(pod))
        test.delete(Self.deployments + "/web")
        #expect(Self.items(&test, Self.sets).isEmpty)
        #expect(Self.items(&test, Self.pods).isEmpty)
    }

    @Test func `a table shows a Deployment as kubectl prints it`() {
        var test = TestServer()
        test.post(Self.deployments, Self.deployment())
        Self.readyOne(&test)
        let table = test.get(
            Self.deployments, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
        let row = table.body["rows"]?[0]?["cells"]?.array ?? []
        #expect(
            row == [
                "web", "1/3", 3, 1, "0s", "main", "web:1", "app=web",
            ])
    }

    @Test(
        arguments: [
            (["selector": ["matchLabels": ["app": "other"]]], "`selector` does not match template"),
            (["selector": [:]], "empty selector is invalid for deployment"),
            (["replicas": -1], "must be greater than or equal to 0"),
            (["strategy": ["type": "Blue"]], "supported values: \"Recreate\", \"RollingUpdate\""),
            (
                ["strategy": ["type": "Recreate", "rollingUpdate": ["maxSurge": 1]]],
                "may not be specified when strategy `type` is 'Recreate'"
            ),
            (
                ["strategy": ["rollingUpdate": ["maxSurge": 0, "maxUnavailable": 0]]],
                "may not be 0 when `maxSurge` is 0"
            ),
            (["progressDeadlineSeconds": 0], "must be greater than minReadySeconds"),
        ] as [(JSONObject, String)])
    func `a Deployment that cannot work is refused`(fields: JSONObject, message: String) {
        var test = TestServer()
        let answer = test.post(Self.deployments, Self.deployment(more: fields))
        #expect(answer.status == 422)
        #expect(answer.message.contains(message), "\(answer.message)")
    }

    @Test func `a strategic patch merges the lists of the template by their keys`() {
        var test = TestServer()
        var wanted = Self.deployment()
        wanted[path: ["spec", "template", "spec", "volumes"]] = [
            ["name": "scratch", "emptyDir": [:]], ["name": "more", "emptyDir": [:]],
        ]
        test.post(Self.deployments, wanted)
        let answer = test.send(
            "PATCH", Self.deployments + "/web",
            [
                "spec": [
                    "template": [
                        "spec": [
                            "$setElementOrder/volumes": [["name": "scratch"], ["name": "more"]],
                            "volumes": [
                                [
                                    "$retainKeys": ["name", "emptyDir"], "name": "scratch",
                                    "emptyDir": ["sizeLimit": "1Gi"],
                                ]
                            ],
                            "containers": [["name": "main", "image": "web:2"]],
                        ]
                    ]
                ]
            ], type: "application/strategic-merge-patch+json")
        #expect(answer.status == 200, "\(answer.message)")
        let spec = answer.body[path: ["spec", "template", "spec"]]
        #expect(
            spec?["volumes"] == [
                ["name": "scratch", "emptyDir": ["sizeLimit": "1Gi"]],
                ["name": "more", "emptyDir": [:]],
            ])
        #expect(spec?["containers"]?[0]?["image"] == "web:2")
    }

    @Test func `a Service keeps its address when an update leaves it out`() {
        var test = TestServer()
        let path = "/api/v1/namespaces/default/services"
        let service: JSONValue = [
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
            "spec": ["ports": [["port": 80]], "selector": ["app": "web"]],
        ]
        let address = test.post(path, service).body[path: ["spec", "clusterIP"]]
        var empty = service
        empty[path: ["spec", "clusterIP"]] = ""
        empty[path: ["spec", "clusterIPs"]] = [""]
        for update in [service, empty] {
            let answer = test.put(path + "/web", update)
            #expect(answer.status == 200, "\(answer.message)")
            #expect(answer.body[path: ["spec", "clusterIP"]] == address)
        }
    }

    @Test func `faults of the template are named where they are`() {
        var test = TestServer()
        var wrong = Self.deployment()
        wrong[path: ["spec", "template", "spec", "containers"]] = [["name": "A"]]
        let answer = test.post(Self.deployments, wrong)
        #expect(answer.status == 422)
        #expect(answer.message.contains("spec.template.spec.containers[0].name"))
    }
}

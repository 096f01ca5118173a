import APIServerModel
import KubernetesCore
import Testing

/// The rules of the built-in kinds, one line each: what is sent, and what is said about it.
@Suite struct KindRuleTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        var path: String
        var object: JSONValue
        var says: [String]

        var testDescription: String { path + " " + (says.first ?? "") }
    }

    private static let home = "/api/v1/namespaces/default/"

    private static func object(
        _ apiVersion: String, _ kind: String, _ body: JSONObject
    ) -> JSONValue {
        var value: JSONValue = .object(body)
        value["apiVersion"] = .string(apiVersion)
        value["kind"] = .string(kind)
        value["metadata"] = ["name": "x"]
        return value
    }

    static let rules: [Rule] = [
        Rule(
            path: home + "configmaps",
            object: object(
                "v1", "ConfigMap", ["data": ["k": "v"], "binaryData": ["k": "AAAA"]]),
            says: ["data[k]: Invalid value: \"k\": duplicate of key present in binaryData"]),
        Rule(
            path: home + "secrets", object: object("v1", "Secret", ["type": "kubernetes.io/tls"]),
            says: ["data[tls.crt]: Required value", "data[tls.key]: Required value"]),
        Rule(
            path: home + "secrets",
            object: object(
                "v1", "Secret",
                ["type": "kubernetes.io/dockercfg", "data": [".dockercfg": "e3"]]),
            says: ["illegal base64 data at input byte 2"]),
        Rule(
            path: home + "resourcequotas",
            object: object(
                "v1", "ResourceQuota", ["spec": ["hard": ["bogus": "1", "pods": "1500m"]]]),
            says: [
                "spec.hard[bogus]: Invalid value: \"bogus\": must be a standard resource type",
                "spec.hard[pods]: Invalid value: \"1500m\": must be an integer",
            ]),
        Rule(
            path: home + "resourcequotas",
            object: object(
                "v1", "ResourceQuota",
                [
                    "spec": [
                        "hard": ["pods": "1"], "scopes": ["BestEffort", "NotBestEffort"],
                    ]
                ]), says: ["conflicting scopes"]),
        Rule(
            path: home + "limitranges",
            object: object(
                "v1", "LimitRange",
                [
                    "spec": [
                        "limits": [
                            ["type": "Container", "min": ["cpu": "2"], "max": ["cpu": "1"]]
                        ]
                    ]
                ]), says: ["min value 2 is greater than max value 1"]),
        Rule(
            path: "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
            object: object(
                "networking.k8s.io/v1", "NetworkPolicy",
                [
                    "spec": [
                        "podSelector": [:], "policyTypes": ["Sideways"],
                        "ingress": [["from": [[:]]]],
                    ]
                ]),
            says: [
                "spec.ingress[0].from[0]: Required value: must specify a peer",
                "spec.policyTypes[0]: Unsupported value: \"Sideways\"",
            ]),
        Rule(
            path: "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
            object: object(
                "policy/v1", "PodDisruptionBudget",
                ["spec": ["minAvailable": "200%", "selector": [:]]]),
            says: ["spec.minAvailable: Invalid value: \"200%\": must not be greater than 100%"]),
        Rule(
            path: "/apis/scheduling.k8s.io/v1/priorityclasses",
            object: object(
                "scheduling.k8s.io/v1", "PriorityClass", ["value": 2_000_000_000]),
            says: ["maximum allowed value of a user defined priority is 1000000000"]),
        Rule(
            path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            object: object(
                "rbac.authorization.k8s.io/v1", "ClusterRoleBinding",
                [
                    "roleRef": ["kind": "Role", "name": "r"],
                    "subjects": [["kind": "ServiceAccount", "name": "s"]],
                ]),
            says: [
                "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"",
                "subjects[0].namespace: Required value",
            ]),
        Rule(
            path: home + "events",
            object: object(
                "v1", "Event",
                [
                    "involvedObject": ["kind": "Pod", "name": "p", "namespace": "default"],
                    "eventTime": "2026-01-02T03:04:05.123456Z",
                ]),
            says: ["reportingComponent: Required value", "action: Required value"]),
        Rule(
            path: "/apis/coordination.k8s.io/v1/namespaces/default/leases",
            object: object(
                "coordination.k8s.io/v1", "Lease", ["spec": ["renewTime": "2026-01-02T03:04:05Z"]]),
            says: [
                "parsing time \"2026-01-02T03:04:05Z\" as \"2006-01-02T15:04:05.000000Z07:00\": "
                    + "cannot parse \"Z\" as \".000000\""
            ]),
        Rule(
            path: home + "services",
            object: object(
                "v1", "Service", ["spec": ["ports": [["port": 80, "nodePort": 30_000]]]]),
            says: ["spec.ports[0].nodePort: Forbidden: may not be used when `type`"]),
    ]

    @Test(arguments: rules) func `a kind's rules are told`(rule: Rule) {
        var test = TestServer()
        let answer = test.post(rule.path, rule.object)
        #expect(answer.status == 422 || answer.status == 400, "\(answer.message)")
        for words in rule.says {
            #expect(answer.message.contains(words), "\(answer.message)")
        }
    }

    static let pods: [(JSONObject, String)] = [
        (
            ["tolerations": [["key": "a", "tolerationSeconds": 5]]],
            "effect must be 'NoExecute' when `tolerationSeconds` is set"
        ),
        (["ephemeralContainers": [["name": "d", "image": "i"]]], "cannot be set on create"),
        (
            ["securityContext": ["runAsUser": -1]],
            "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647"
        ),
        (
            [
                "topologySpreadConstraints": [
                    ["maxSkew": 0, "topologyKey": "z", "whenUnsatisfiable": "x"]
                ]
            ], "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than"
        ),
        (["schedulingGates": [["name": "g"], ["name": "g"]]], "Duplicate value: \"g\""),
    ]

    @Test func `the rules of pods are told`() {
        for (spec, words) in KindRuleTests.pods {
            var test = TestServer()
            let answer = test.post(KindRuleTests.home + "pods", Make.pod("p", spec: spec))
            #expect(answer.status == 422)
            #expect(answer.message.contains(words), "\(answer.message)")
        }
    }

    @Test func `ephemeral containers are added and stay, and deadlines only come nearer`() {
        var test = TestServer()
        let path = KindRuleTests.home + "pods/p"
        test.post(KindRuleTests.home + "pods", Make.pod("p", spec: ["schedulerName": "none"]))
        let strategic = "application/strategic-merge-patch+json"
        func patch(_ place: String, _ spec: JSONValue) -> TestServer.Answer {
            test.send("PATCH", path + place, ["spec": spec], type: strategic)
        }
        let added = patch(
            "/ephemeralcontainers", ["ephemeralContainers": [["name": "d", "image": "i"]]])
        #expect(added.status == 200)
        let changed = patch(
            "/ephemeralcontainers", ["ephemeralContainers": [["name": "d", "image": "j"]]])
        #expect(changed.message.contains("existing ephemeral containers \"d\" may not be changed"))
        #expect(patch("", ["activeDeadlineSeconds": 20]).status == 200)
        #expect(patch("", ["activeDeadlineSeconds": 10]).status == 200)
        #expect(
            patch("", ["activeDeadlineSeconds": 20]).message.contains(
                "must be less than or equal to previous value"))
        #expect(test.get(path + "/log").status == 204, "a pod that is nowhere has no log")
    }

    @Test func `a scale tracks who set the replicas`() {
        var test = TestServer()
        var definition = Make.widgets
        var version = definition[path: ["spec", "versions"]]?[0] ?? [:]
        version[path: ["subresources", "scale"]] = [
            "specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size",
        ]
        definition[path: ["spec", "versions"]] = [version]
        test.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        let path = "/apis/example.dev/v1/namespaces/default/widgets"
        test.post(path, Make.widget("w"))
        func scale(_ manager: String, _ replicas: Int) -> TestServer.Answer {
            test.apply(
                path + "/w/scale",
                [
                    "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": ["name": "w"],
                    "spec": ["replicas": .int(replicas)],
                ], manager: manager, force: manager == "one")
        }
        #expect(scale("one", 3).status == 200)
        let refused = scale("two", 4)
        #expect(refused.status == 409)
        #expect(
            refused.message
                == "Apply failed with 1 conflict: conflict with \"one\" with subresource "
                + "\"scale\": .spec.replicas")
        let fields = test.get(path + "/w").body[path: ["metadata", "managedFields"]]?.array ?? []
        #expect(
            fields.contains {
                $0["manager"] == "one" && $0["subresource"] == "scale"
                    && $0["apiVersion"] == "example.dev/v1"
                    && $0["fieldsV1"] == ["f:spec": ["f:size": [:]]]
            })
    }
}

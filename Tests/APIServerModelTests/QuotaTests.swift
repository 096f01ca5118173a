import APIServerModel
import KubernetesCore
import Testing

@Suite struct QuotaTests {
    static let pods = "/api/v1/namespaces/default/pods"

    static func quota(_ hard: JSONObject, spec: JSONObject = [:]) -> JSONValue {
        var all: JSONValue = ["hard": .object(hard)]
        for (key, value) in spec { all[key] = value }
        return [
            "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "q"], "spec": all,
        ]
    }

    @Test func `a quota counts what is there and gives back what ends`() {
        var test = TestServer()
        let quotas = "/api/v1/namespaces/default/resourcequotas"
        test.post(quotas, QuotaTests.quota(["requests.cpu": "1", "count/configmaps": "2"]))
        #expect(test.post(QuotaTests.pods, Make.pod("a", cpu: "600m")).status == 201)
        let refused = test.post(QuotaTests.pods, Make.pod("b", cpu: "500m"))
        #expect(
            refused.message == "pods \"b\" is forbidden: exceeded quota: q, requested: "
                + "requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1")
        let status = test.get(quotas + "/q").body["status"]
        #expect(status?[path: ["used", "requests.cpu"]] == "600m")
        #expect(status?[path: ["used", "count/configmaps"]] == "1")
        test.merge(QuotaTests.pods + "/a/status", ["status": ["phase": "Succeeded"]])
        #expect(test.post(QuotaTests.pods, Make.pod("b", cpu: "500m")).status == 201)
        let maps = "/api/v1/namespaces/default/configmaps"
        #expect(test.post(maps, Make.configMap("one")).status == 201)
        #expect(test.post(maps, Make.configMap("two")).status == 403)
    }

    @Test func `a quota with a scope is about those pods alone`() {
        var test = TestServer()
        test.post(
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            [
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
                "metadata": ["name": "background"], "value": -10,
            ])
        let selector: JSONValue = [
            "matchExpressions": [
                ["scopeName": "PriorityClass", "operator": "In", "values": ["background"]]
            ]
        ]
        test.post(
            "/api/v1/namespaces/default/resourcequotas",
            QuotaTests.quota(["pods": "1"], spec: ["scopeSelector": selector]))
        let background: JSONObject = ["priorityClassName": "background"]
        let first = test.post(QuotaTests.pods, Make.pod("a", spec: background))
        #expect(first.body[path: ["spec", "priority"]] == -10)
        #expect(test.post(QuotaTests.pods, Make.pod("b", spec: background)).status == 403)
        #expect(test.post(QuotaTests.pods, Make.pod("c")).status == 201)
        let unknown = test.post(
            QuotaTests.pods, Make.pod("d", spec: ["priorityClassName": "none"]))
        #expect(
            unknown.message
                == "pods \"d\" is forbidden: no PriorityClass with name none was found")
    }

    @Test func `limit ranges fill in and refuse`() {
        var test = TestServer()
        test.post(
            "/api/v1/namespaces/default/limitranges",
            [
                "apiVersion": "v1", "kind": "LimitRange", "metadata": ["name": "l"],
                "spec": [
                    "limits": [
                        [
                            "type": "Container", "default": ["cpu": "500m"],
                            "defaultRequest": ["cpu": "100m"], "max": ["cpu": "1"],
                        ]
                    ]
                ],
            ])
        let made = test.post(QuotaTests.pods, Make.pod("a"))
        let container = made.body[path: ["spec", "containers"]]?[0]
        #expect(container?[path: ["resources", "limits", "cpu"]] == "500m")
        #expect(container?[path: ["resources", "requests", "cpu"]] == "100m")
        var large = Make.pod("b")
        large[path: ["spec", "containers"]] = [
            ["name": "c", "image": "i", "resources": ["limits": ["cpu": "2"]]]
        ]
        let refused = test.post(QuotaTests.pods, large)
        #expect(
            refused.message
                == "pods \"b\" is forbidden: maximum cpu usage per Container is 1, but limit is 2")
    }
}

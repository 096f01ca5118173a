import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// The objects beside a pool's agents: ServiceAccount, NetworkPolicy, ResourceQuota and
/// PodDisruptionBudget.
struct PoolObjectTests {
    private func object(_ type: ResourceType, _ plan: Plan) -> JSONValue? {
        for case .create(let object, type) in plan.actions { return object }
        return nil
    }

    private func spec(_ model: PoolModel, _ name: String) -> JSONValue? {
        model.objects[name].flatMap { $0.content["spec"] }
    }

    @Test func `what bounds agents is made before the first agent`() throws {
        let model = PoolModel { $0.quota = .init(hard: ["requests.cpu": "4000m"]) }
        let plan = model.plan()
        let kinds = plan.actions.map(\.type.kind)
        let pod = try #require(kinds.firstIndex(of: "Pod"))
        for kind in ["ServiceAccount", "NetworkPolicy", "ResourceQuota", "PodDisruptionBudget"] {
            #expect(try #require(kinds.firstIndex(of: kind)) < pod, "\(kind)")
        }
        for case .create(let object, _) in plan.actions {
            #expect(
                object[path: ["metadata", "ownerReferences"]]?.array?.first?["uid"]?.string
                    == "pool-uid")
        }
    }

    @Test func `a bound on numbers of objects is a quota of its own, for every priority`() throws {
        let plan = PoolModel {
            $0.quota = .init(hard: [
                "requests.cpu": "4", "count/backgroundtasks.swiftlet.dev": "500",
            ])
        }.plan()
        var quotas: [String: JSONValue] = [:]
        for case .create(let object, .resourceQuota) in plan.actions {
            quotas[object[path: ["metadata", "name"]]?.string ?? ""] = object["spec"]
        }
        #expect(quotas.keys.sorted() == ["qa-objects", "qa-quota"])
        let counts = try #require(quotas["qa-objects"])
        #expect(counts["hard"] == ["count/backgroundtasks.swiftlet.dev": "500"])
        #expect(counts["scopeSelector"] == nil)
        #expect(quotas["qa-quota"]?["hard"] == ["requests.cpu": "4"])
    }

    @Test func `agents run as an account of their own, without a token, unless one is named`()
        throws
    {
        let plan = PoolModel().plan()
        #expect(
            object(.pod, plan)?[path: ["spec", "serviceAccountName"]]?.string == "qa-agent")
        #expect(
            object(.serviceAccount, plan)?["automountServiceAccountToken"] == .bool(false))
        let named = PoolModel { $0.isolation.serviceAccountName = "robot" }.plan()
        #expect(object(.pod, named)?[path: ["spec", "serviceAccountName"]]?.string == "robot")
        #expect(object(.serviceAccount, named) == nil)
    }

    @Test func `agents reach names, the gateway and what is listed, and nothing else`() throws {
        var egress = BackgroundAgentPoolSpec.Egress(cidr: "10.1.0.0/16")
        egress.except = ["10.1.9.0/24"]
        egress.ports = [.init(port: 5432)]
        let listed = egress
        let plan = PoolModel { $0.isolation.egress = [listed] }.plan()
        let policy = try #require(object(.networkPolicy, plan)?["spec"])
        #expect(policy["policyTypes"] == ["Ingress", "Egress"])
        #expect(policy["ingress"] == nil, "nothing may call an agent")
        let rules = try #require(policy["egress"]?.array)
        #expect(rules.count == 3)
        #expect(rules[0][path: ["ports"]]?.array?.count == 2)
        #expect(rules[1]["ports"] == [["port": 8443, "protocol": "TCP"]])
        #expect(
            rules[2] == [
                "to": [["ipBlock": ["cidr": "10.1.0.0/16", "except": ["10.1.9.0/24"]]]],
                "ports": [["port": 5432, "protocol": "TCP"]],
            ])
        let none = PoolModel { $0.isolation.networkPolicy = .none }.plan()
        #expect(object(.networkPolicy, none) == nil)
    }

    @Test func `a quota is scoped to the background class and written as the server writes it`()
        throws
    {
        var model = PoolModel { $0.quota = .init(hard: ["requests.cpu": "4000m", "pods": "8"]) }
        try model.settle()
        #expect(spec(model, "qa-quota")?["hard"] == ["pods": "8", "requests.cpu": "4"])
        #expect(model.plan().isIdle)
    }

    @Test func `a change of the pool or of the object is brought into line, additions are kept`()
        throws
    {
        var model = PoolModel { $0.quota = .init(hard: ["pods": "8"]) }
        try model.settle()
        model.pool.spec.quota = .init(hard: ["pods": "5"])
        var plan = model.plan()
        #expect(
            plan.actions.contains {
                if case .patch(let target, let patch, nil, _) = $0 {
                    target.name == "qa-quota" && patch == ["spec": ["hard": ["pods": "5"]]]
                } else {
                    false
                }
            })
        model.pool.spec.quota = nil
        plan = model.plan()
        #expect(model.deletes(plan) == ["qa-quota"])
        try model.settle()
        #expect(model.objects["qa-quota"] == nil)
        #expect(model.plan().isIdle)
    }

    @Test func `somebody else's object of that name is left alone and named`() throws {
        var model = PoolModel()
        try model.settle()
        let foreign = try NetworkPolicyView(
            reading: JSONDocument(
                parsing: JSONValue.object([
                    "metadata": ["name": "qa-agents", "namespace": "team", "uid": "other"],
                    "spec": ["podSelector": [:]],
                ]).encoded()
            ).root)
        model.objects["qa-agents"] = foreign
        let plan = model.plan()
        #expect(!plan.actions.contains { $0.target.name == "qa-agents" })
        try model.writeStatus(plan)
        let degraded = model.pool.status.conditions["Degraded"]
        #expect(degraded?.reason == "NameTaken")
        #expect(degraded?.message.contains("qa-agents") == true)
    }

    @Test func `an agent that has been at work for a while is kept from node drains`() throws {
        var model = PoolModel { $0.replicas = 1 }
        try model.settle()
        let name = try #require(model.names.first)
        model.assign("long", to: name)
        model.tasks["long"]?.status.startTime = model.now
        func marks(_ plan: Plan) -> [JSONValue] {
            plan.actions.compactMap { action in
                guard case .patch(_, let patch, nil, _) = action else { return nil }
                return patch[path: ["metadata", "labels", SwiftletNames.Label.busy]]
            }
        }
        #expect(marks(model.plan()).isEmpty)
        model.now = model.now + .seconds(31)
        model.call(name)
        #expect(marks(model.plan()) == ["true"])
        model.pods[name]?.metadata.labels[SwiftletNames.Label.busy] = "true"
        #expect(marks(model.plan()).isEmpty)
        model.add("next")
        model.finish("long")
        #expect(marks(model.plan()).isEmpty, "more work waits")
        model.finish("next")
        #expect(marks(model.plan()) == [.null])
    }
}

import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing
import YAMLReading

@testable import Installation

/// What a security team and a manifest scanner ask of the plain install.
@Suite struct OperatorInstallTests {
    private static let objects = OperatorInstall.manifest

    private static func all(_ kind: String) -> [JSONValue] {
        objects.filter { $0["kind"]?.string == kind }
    }

    private static func only(_ kind: String, _ name: String) throws -> JSONValue {
        try #require(
            all(kind).first { $0[path: ["metadata", "name"]]?.string == name }, "\(kind) \(name)")
    }

    private static func pod() throws -> JSONValue {
        let deployment = try only("Deployment", "swiftlet-operator")
        return try #require(deployment[path: ["spec", "template"]])
    }

    private static func container() throws -> JSONValue {
        try #require(try pod()["spec"]?["containers"]?[0])
    }

    @Test func `every object of a namespace lies in the operator's`() {
        let cluster: Set<String> = [
            "Namespace", "CustomResourceDefinition", "PriorityClass", "ClusterRole",
            "ClusterRoleBinding", "FlowSchema", "PriorityLevelConfiguration",
        ]
        for object in Self.objects {
            let isScoped = !cluster.contains(object["kind"]?.string ?? "")
            let namespace = object[path: ["metadata", "namespace"]]?.string
            #expect(namespace == (isScoped ? "swiftlet-system" : nil), "\(object.text.prefix(200))")
        }
        var names: Set<String> = []
        for object in Self.objects {
            let name =
                "\(object["kind"]?.string ?? "")/\(object[path: ["metadata", "name"]]?.text ?? "")"
            #expect(names.insert(name).inserted, "\(name) is there twice")
        }
    }

    @Test(arguments: [
        ("--agent-health-port", "operator.agentHealthPort", "10501"),
        ("--bind-agent-address", "gateway.bindAgentAddress", "false"),
        ("--status-page", "metrics.statusPage", "true"),
    ])
    func `what agents and people are shown follows the chart's values`(
        option: String, path: String, fallback: String
    ) throws {
        let arguments = try #require(try Self.container()["args"]?.array).compactMap(\.string)
        #expect(arguments.contains("\(option)=\(fallback)"))
        let template = try GeneratedFileTests.text("charts/swiftlet/templates/deployment.yaml")
        #expect(template.contains("\(option)={{ .Values.\(path) }}'"))
    }

    @Test func `the port of agents' probes is a number or none`() throws {
        let value = try #require(
            ChartValues.all.first { $0.path == "operator.agentHealthPort" })
        #expect(value.schema["type"] == ["integer", "string"])
        let pattern = try Regex(try #require(value.schema["pattern"]?.string))
        for good in ["none", "10501", "1024"] { #expect(good.contains(pattern)) }
        for bad in ["", "x", "80", "10501 --x", "nonesuch"] { #expect(!bad.contains(pattern)) }
    }

    @Test func `the operator's container is restricted, bounded and probed`() throws {
        let pod = try #require(try Self.pod()["spec"])
        let container = try Self.container()
        let context = try #require(container["securityContext"])
        #expect(context["readOnlyRootFilesystem"] == true)
        #expect(context["allowPrivilegeEscalation"] == false)
        #expect(context["capabilities"] == ["drop": ["ALL"]])
        #expect((pod[path: ["securityContext", "runAsUser"]]?.integer ?? 0) >= 10_000)
        #expect(pod["automountServiceAccountToken"] == false)
        for field in ["hostNetwork", "hostPID", "hostIPC"] { #expect(pod[field] == nil) }
        let resources = container["resources"]
        #expect(resources?["requests"]?["memory"] == resources?["limits"]?["memory"])
        #expect(resources?["requests"]?["cpu"] != nil)
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            #expect(container[probe]?["httpGet"]?["port"] == "metrics", "\(probe)")
        }
        let image = container["image"]?.string ?? ""
        #expect(image.hasSuffix(":" + InstallForm.version) && !image.hasSuffix(":latest"))
    }

    @Test func `services find the pods, and their ports exist`() throws {
        var labels = try #require(try Self.pod()[path: ["metadata", "labels"]]?.object)
        let ports = try #require(try Self.container()["ports"]?.array).compactMap {
            $0["name"]?.string
        }
        // The leader gives itself this one.
        labels[SwiftletNames.Label.leader] = "true"
        for service in Self.all("Service") {
            for (key, value) in service[path: ["spec", "selector"]]?.object ?? [:] {
                #expect(labels[key] == value, "\(service.text)")
            }
            let target = service[path: ["spec", "ports"]]?[0]?["targetPort"]?.string ?? ""
            #expect(ports.contains(target), "\(target)")
        }
        let gateway = try Self.only("Service", "swiftlet-gateway")
        #expect(gateway[path: ["spec", "selector", SwiftletNames.Label.leader]] == "true")
        let selector = try Self.only("Deployment", "swiftlet-operator")[path: ["spec", "selector"]]
        #expect(selector?["matchLabels"]?[SwiftletNames.Label.leader] == nil)
    }

    @Test func `no role has a wildcard, and nobody escalates, binds or impersonates`() {
        for role in Self.all("ClusterRole") + Self.all("Role") {
            for rule in role["rules"]?.array ?? [] {
                let words = ["verbs", "apiGroups", "resources"].flatMap { rule[$0]?.array ?? [] }
                for word in ["*", "escalate", "bind", "impersonate", "pods/exec", "nodes/proxy"] {
                    #expect(!words.contains(.string(word)), "\(role.text)")
                }
                if rule["resources"]?.array?.contains("secrets") == true {
                    #expect(rule["verbs"]?.array?.contains("list") == false)
                }
            }
        }
    }

    @Test func `the rights in the install are those of the access lists`() throws {
        let role = try Self.only("ClusterRole", OperatorRBAC.name)
        #expect(role["rules"] == .array(OperatorRBAC.clusterAccess.policyRules))
        let own = try Self.only("Role", OperatorRBAC.name)
        #expect(own["rules"] == .array(OperatorRBAC.ownAccess.policyRules))
    }

    @Test func `rights by namespace are the same rights, and read no secrets elsewhere`() {
        for rule in OperatorRBAC.clusterAccess.policyRules {
            let parts = [true, false].map { OperatorInstall.part(of: rule, isRead: $0) }
            let verbs = parts.flatMap { $0?["verbs"]?.array ?? [] }
            #expect(Set(verbs) == Set(rule["verbs"]?.array ?? []), "\(rule.text)")
            #expect(verbs.count == rule["verbs"]?.array?.count)
            let isRead = parts[0] != nil
            if rule["resources"]?.array?.contains("secrets") == true { #expect(!isRead) }
        }
    }

    @Test func `a pod that is drained leaves another one`() throws {
        let budget = try Self.only("PodDisruptionBudget", "swiftlet-operator")
        let replicas = try Self.only("Deployment", "swiftlet-operator")[path: ["spec", "replicas"]]
        let least = try #require(budget[path: ["spec", "minAvailable"]]?.integer)
        #expect((replicas?.integer ?? 0) > least)
    }

    @Test func `agents are let in by the labels that they carry`() throws {
        let policy = try Self.only("NetworkPolicy", "swiftlet-operator")
        let peer = policy[path: ["spec", "ingress"]]?[0]?["from"]?[0]
        #expect(
            peer?[path: ["podSelector", "matchLabels"]] == [
                "app.kubernetes.io/managed-by": "swiftlet", "app.kubernetes.io/component": "agent",
            ])
        // Pools' policies let agents out to pods with this label; see `PoolObject`.
        #expect(InstallForm.selector["app.kubernetes.io/name"] == "swiftlet")
    }

    @Test func `only the leader carries the label`() {
        func pod(_ name: String) -> PodView {
            PodView(
                metadata: ObjectMeta(name: name, namespace: "swiftlet-system", uid: UID(name)))
        }
        let own = pod("b")
        #expect(LeaderMark.writes(own: own, marked: [own]).isEmpty)
        let writes = LeaderMark.writes(own: own, marked: [pod("c"), pod("a")])
        #expect(writes.map(\.target.name) == ["a", "c", "b"])
        guard case .patch(_, let first, _, _) = writes[0],
            case .patch(_, let last, _, _) = writes[2]
        else {
            Issue.record("patches were expected")
            return
        }
        let path = ["metadata", "labels", SwiftletNames.Label.leader]
        #expect(first[path: path] == JSONValue.null)
        #expect(last[path: path] == "true")
    }
}

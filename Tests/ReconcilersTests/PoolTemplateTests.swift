import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@Suite struct PoolTemplateTests {
    private static func pod(
        _ template: JSONValue, settings: AgentPodSettings = PoolModel.settings,
        _ change: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> JSONValue {
        var spec = BackgroundAgentPoolSpec(template: template)
        change(&spec)
        let pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "team", uid: UID("u")), spec: spec)
        return AgentPodTemplate(pool: pool, tenant: "blue", settings: settings).pod(index: 3)
    }

    /// The settings of an operator in a cluster.
    private static let inCluster: AgentPodSettings = {
        var settings = PoolModel.settings
        settings.healthPort = 10_501
        settings.tellsLimits = true
        return settings
    }()

    /// The variables of the agent's container, by name.
    private static func variables(of pod: JSONValue) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for variable in pod[path: ["spec", "containers"]]?[0]?["env"]?.array ?? [] {
            result[variable["name"]?.string ?? ""] = variable
        }
        return result
    }

    @Test func `the runner's pods have probes that leave it its time, others' have none`() throws {
        let pod = Self.pod(Self.plain, settings: Self.inCluster)
        let agent = try #require(pod[path: ["spec", "containers"]]?[0])
        let liveness = try #require(agent["livenessProbe"])
        #expect(liveness["httpGet"] == ["path": "/livez", "port": 10_501])
        let patience = try #require(
            liveness["periodSeconds"]?.integer.flatMap { period in
                liveness["failureThreshold"]?.integer.map { $0 * period }
            })
        #expect(patience >= 60, "a restart costs the attempts that run")
        #expect(agent["readinessProbe"]?["httpGet"] == ["path": "/readyz", "port": 10_501])
        #expect(Self.variables(of: pod)["SWIFTLET_HEALTH_PORT"]?["value"] == "10501")
        let address = Self.variables(of: pod)["SWIFTLET_POD_IP"]
        #expect(address?[path: ["valueFrom", "fieldRef", "fieldPath"]] == "status.podIP")

        let others: JSONValue = [
            "spec": ["containers": [["name": "a", "image": "i", "command": ["/mine"]]]]
        ]
        for (template, settings) in [(others, Self.inCluster), (Self.plain, PoolModel.settings)] {
            let pod = Self.pod(template, settings: settings)
            let agent = try #require(pod[path: ["spec", "containers"]]?[0])
            #expect(agent["livenessProbe"] == nil && agent["readinessProbe"] == nil)
            #expect(Self.variables(of: pod)["SWIFTLET_HEALTH_PORT"] == nil)
        }
    }

    @Test func `probes of the template's own stay, and a port that is taken is left alone`() throws
    {
        let own: JSONValue = ["exec": ["command": ["true"]]]
        let given = Self.pod(
            [
                "spec": [
                    "containers": [["name": "agent", "image": "qa:1", "livenessProbe": own]]
                ]
            ], settings: Self.inCluster)
        let agent = try #require(given[path: ["spec", "containers"]]?[0])
        #expect(agent["livenessProbe"] == own)
        #expect(agent["readinessProbe"]?["httpGet"]?["port"] == 10_501)
        let taken = Self.pod(
            [
                "spec": [
                    "containers": [
                        ["name": "agent", "image": "qa:1"],
                        ["name": "b", "image": "i", "ports": [["containerPort": 10_501]]],
                    ]
                ]
            ], settings: Self.inCluster)
        #expect(taken[path: ["spec", "containers"]]?[0]?["livenessProbe"] == nil)
        #expect(Self.variables(of: taken)["SWIFTLET_HEALTH_PORT"] == nil)
    }

    @Test func `the runner is told its container's limits, of files only where all lie there`() {
        let limits = Self.variables(of: Self.pod(Self.plain, settings: Self.inCluster))
        #expect(
            limits["SWIFTLET_MEMORY_LIMIT"]?["valueFrom"]
                == ["resourceFieldRef": ["resource": "limits.memory"]])
        #expect(limits["SWIFTLET_STORAGE_LIMIT"] != nil)
        var template = Self.plain
        template[path: ["spec", "volumes"]] = [
            ["name": "a", "emptyDir": [:]], ["name": "b", "persistentVolumeClaim": [:]],
        ]
        let wide = Self.variables(of: Self.pod(template, settings: Self.inCluster))
        #expect(wide["SWIFTLET_MEMORY_LIMIT"] != nil && wide["SWIFTLET_STORAGE_LIMIT"] == nil)
        #expect(Self.variables(of: Self.pod(Self.plain))["SWIFTLET_MEMORY_LIMIT"] == nil)
    }

    @Test func `a pool's workspace is mounted, and the runner knows it`() throws {
        let pod = Self.pod(Self.plain, settings: Self.inCluster) {
            $0.workspace = .init(claimName: "work")
        }
        let spec = try #require(pod["spec"])
        let volume = spec["volumes"]?.array?.first { $0["name"] == "swiftlet-workspace" }
        #expect(volume?["persistentVolumeClaim"] == ["claimName": "work"])
        let mounts = spec["containers"]?[0]?["volumeMounts"]?.array ?? []
        #expect(mounts.contains { $0["mountPath"] == "/swiftlet/workspace" })
        let variables = Self.variables(of: pod)
        #expect(variables["SWIFTLET_WORKSPACE_CLAIM"]?["value"] == "team/work")
        #expect(variables["SWIFTLET_WORKSPACE_CHECKPOINT_BYTES"]?["value"] == "1073741824")
        #expect(variables["SWIFTLET_STORAGE_LIMIT"] == nil)
    }

    private static let plain: JSONValue = [
        "spec": ["containers": [["name": "agent", "image": "qa:1"]]]
    ]

    @Test func `an agent belongs to its pool by UID and carries the pool's labels`() throws {
        let pod = Self.pod(Self.plain)
        let metadata = try #require(pod["metadata"])
        let owner = try #require(metadata["ownerReferences"]?[0])
        #expect(owner["uid"] == "u" && owner["controller"] == true)
        let labels = try #require(metadata["labels"])
        #expect(labels[SwiftletNames.Label.pool] == "qa")
        #expect(labels[SwiftletNames.Label.tenant] == "blue")
        #expect(labels["app.kubernetes.io/managed-by"] == "swiftlet")
        #expect(labels["app.kubernetes.io/component"] == "agent")
        let name = try #require(metadata["name"]?.string)
        #expect(name.hasPrefix("qa-") && NameRules.dnsLabelErrors(name).isEmpty)
    }

    @Test func `without a command the runner is installed and started`() throws {
        let spec = try #require(Self.pod(Self.plain)["spec"])
        #expect(spec[path: ["initContainers"]]?[0]?["image"] == "swiftlet/agent:1")
        let agent = try #require(spec["containers"]?[0])
        #expect(agent["command"] == ["/swiftlet/bin/swiftlet-agent"])
        let names = agent["env"]?.array?.compactMap { $0["name"]?.string } ?? []
        for name in [
            "SWIFTLET_GATEWAY_URL", "SWIFTLET_GATEWAY_CA_FILE", "SWIFTLET_TOKEN_FILE",
            "SWIFTLET_GATEWAY_SERVER_NAME", "SWIFTLET_WORK_DIR", "SWIFTLET_SLOTS",
            "SWIFTLET_POD_NAME", "SWIFTLET_POD_NAMESPACE", "SWIFTLET_POD_UID",
        ] { #expect(names.contains(name)) }
        #expect(Set(names).count == names.count)
    }

    @Test func `a container with a command of its own keeps it and gets no runner`() throws {
        let spec = try #require(
            Self.pod([
                "spec": [
                    "containers": [
                        [
                            "name": "a", "image": "i", "command": ["/mine"],
                            "env": [
                                ["name": "SWIFTLET_SLOTS", "value": "99"],
                                ["name": "MORE", "value": "1"],
                            ],
                        ]
                    ]
                ]
            ])["spec"])
        #expect(spec["initContainers"] == nil)
        let agent = try #require(spec["containers"]?[0])
        #expect(agent["command"] == ["/mine"])
        let slots = agent["env"]?.array?.filter { $0["name"] == "SWIFTLET_SLOTS" }
        #expect(slots == [["name": "SWIFTLET_SLOTS", "value": "1"]])
        #expect(agent["env"]?.array?.contains { $0["name"] == "MORE" } == true)
    }

    @Test func `agents run with restricted rights and a token for the gateway alone`() throws {
        let spec = try #require(Self.pod(Self.plain)["spec"])
        #expect(spec["automountServiceAccountToken"] == false)
        #expect(spec[path: ["securityContext", "runAsNonRoot"]] == true)
        #expect(
            spec[path: ["securityContext", "seccompProfile", "type"]] == "RuntimeDefault")
        for kind in ["containers", "initContainers"] {
            let context = try #require(spec[kind]?[0]?["securityContext"])
            #expect(context["allowPrivilegeEscalation"] == false)
            #expect(context["readOnlyRootFilesystem"] == true)
            #expect(context[path: ["capabilities", "drop"]] == ["ALL"])
            #expect(spec[kind]?[0]?["resources"]?["requests"]?["cpu"] != nil)
        }
        let volume = spec["volumes"]?.array?.first { $0["name"] == "swiftlet-gateway" }
        let token = volume?[path: ["projected", "sources"]]?[0]?["serviceAccountToken"]
        #expect(token?["audience"] == "swiftlet-gateway")
    }

    @Test func `a template that says more keeps what it says`() throws {
        let spec = try #require(
            Self.pod([
                "metadata": ["labels": ["team": "x", SwiftletNames.Label.pool: "forged"]],
                "spec": [
                    "nodeSelector": ["disk": "ssd"], "terminationGracePeriodSeconds": 5,
                    "securityContext": ["runAsUser": 1_000],
                    "containers": [
                        [
                            "name": "a", "image": "i",
                            "resources": ["limits": ["memory": "1Gi"]],
                        ], ["name": "sidecar", "image": "s"],
                    ],
                ],
            ])["spec"])
        #expect(spec[path: ["nodeSelector", "disk"]] == "ssd")
        #expect(spec["terminationGracePeriodSeconds"] == 5)
        #expect(spec[path: ["securityContext", "runAsUser"]] == 1_000)
        #expect(spec["containers"]?[0]?["resources"] == ["limits": ["memory": "1Gi"]])
        #expect(spec["containers"]?[1]?["volumeMounts"] == nil)
    }

    @Test func `the revision changes with what agents have in common and with nothing else`() {
        func revision(_ change: (inout BackgroundAgentPoolSpec) -> Void) -> JSONValue? {
            Self.pod(Self.plain, change)["metadata"]?["labels"]?[
                SwiftletNames.Label.templateRevision]
        }
        let first = revision { _ in }
        #expect(first == revision { $0.replicas = 17 })
        #expect(first == revision { $0.paused = true })
        #expect(first != revision { $0.slotsPerAgent = 3 })
        #expect(
            first
                != revision {
                    $0.template = ["spec": ["containers": [["name": "agent", "image": "qa:2"]]]]
                })
    }

    @Test(arguments: [
        "a", "a.b.c", String(repeating: "x", count: 253), String(repeating: "-", count: 60),
    ])
    func `every pool's name gives agents names that are DNS labels`(name: String) {
        let pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: name, uid: UID("u")),
            spec: BackgroundAgentPoolSpec(template: [:]))
        let names = (0..<1_000).map { AgentPodTemplate.name(of: pool, index: $0) }
        #expect(Set(names).count == 1_000)
        for name in names.prefix(10) { #expect(NameRules.dnsLabelErrors(name).isEmpty) }
    }

    @Test func `other roots of the gateway reach the agents, and nothing else changes`() throws {
        var model = PoolModel()
        try model.settle()
        model.roots = "OLD\nNEW\n"
        let plan = model.plan()
        let patches = plan.actions.compactMap { action -> JSONValue? in
            guard case .patch(let target, let patch, _, _) = action, target.type == .configMap
            else { return nil }
            return patch
        }
        #expect(patches == [["data": ["ca.crt": "OLD\nNEW\n"]]])
        #expect(plan.actions.count == 1, "no agent is replaced")
    }
}

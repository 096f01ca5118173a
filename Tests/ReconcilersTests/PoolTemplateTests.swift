import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@Suite struct PoolTemplateTests {
    private static func pod(
        _ template: JSONValue, _ change: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> JSONValue {
        var spec = BackgroundAgentPoolSpec(template: template)
        change(&spec)
        let pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "team", uid: UID("u")), spec: spec)
        return AgentPodTemplate(pool: pool, tenant: "blue", settings: PoolModel.settings)
            .pod(index: 3)
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
}

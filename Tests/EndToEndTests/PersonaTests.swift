import Foundation
import KubernetesCore
import Testing

/// An agent of BMAD 6.11 from the folders in which it is kept to the command of a task, with real
/// kubectl.
@Suite(.timeLimit(.minutes(3))) struct PersonaTests {
    private static let files = [
        "bmad-agent-dev/SKILL.md": """
        ---
        name: bmad-agent-dev
        description: Writes code
        ---
        # Amelia
        """,
        "bmad-agent-dev/customize.toml": """
        [agent]
        name = "Amelia"
        title = "Engineer"
        icon = "💻"
        principles = ["Tests first."]
        """,
        "custom/bmad-agent-dev.toml": """
        [agent]
        principles = [
          'Swift only.', # the house's rule
        ]
        """,
    ]

    private static let pool = """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundAgentPool
        metadata: {name: crew, namespace: default}
        spec:
          replicas: 1
          autoscaling: {enabled: false}
          persona: {name: amelia}
          template: {spec: {containers: [{name: agent, image: "debian:12-slim"}]}}
        """

    @Test func `a folder that kubectl makes a ConfigMap of is an agent with its customisation`()
        async throws
    {
        try await DevCluster.run { cluster in
            let folder = cluster.folder + "/project/"
            for (name, text) in Self.files {
                let path = folder + name
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent,
                    withIntermediateDirectories: true)
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            try await cluster.kubectl(
                "create", "configmap", "amelia", "--from-file=\(folder)bmad-agent-dev/",
                "--from-file=\(folder)custom/bmad-agent-dev.toml")
            try await cluster.kubectl(
                "label", "configmap", "amelia", "swiftlet.dev/personas=true")
            try await cluster.kubectl("apply", "-f", "-", input: Self.pool)
            let script =
                #"sed -n '/^```json/,/^```/p' $SWIFTLET_PERSONA | sed '1d;$d' > $SWIFTLET_RESULT"#
            for (name, persona) in [("by-skill", "bmad-agent-dev"), ("by-name", "Amelia")] {
                let task: JSONValue = [
                    "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundTask",
                    "metadata": ["name": .string(name), "namespace": "default"],
                    "spec": [
                        "persona": .string(persona), "command": ["sh", "-c", .string(script)],
                    ],
                ]
                try await cluster.kubectl("apply", "-f", "-", input: task.text)
            }
            try await cluster.kubectl(
                "wait", "--for=condition=Complete", "bt", "--all", "--timeout=90s")
            for name in ["by-skill", "by-name"] {
                let result = try await cluster.object("bt", name)["status"]?["result"]
                let agent = try #require(result?["agent"])
                #expect(agent["icon"]?.string == "💻")
                #expect(agent["principles"]?[0]?.string == "Tests first.")
                #expect(agent["principles"]?[1]?.string == "Swift only.")
            }
            let persona = try await cluster.object("bap", "crew")["status"]?["personas"]?[0]
            #expect(persona?["name"]?.string == "Amelia")
            #expect(
                persona?["customizations"]?.array?.map(\.string) == [
                    "customize.toml", "bmad-agent-dev.toml",
                ])

            try await cluster.kubectl(
                "patch", "configmap", "amelia", "--type=merge", "-p",
                #"{"data":{"bmad-agent-dev.toml":"[agent"}}"#)
            try await cluster.kubectl(
                "wait", "bap/crew", "--for=condition=PersonasRead=False", "--timeout=30s")
            let told = try await cluster.kubectl(
                "get", "bap", "crew", "-o", "jsonpath={.status.personas[0].refusal}")
            #expect(told.hasPrefix("bmad-agent-dev.toml cannot be read: line 1"), "\(told)")
        }
    }
}

import KubernetesCore
import PodSecurity
import Testing

@testable import PolicyEngine

/// Kyverno's podSecurity rules: exclusions, controllers, messages, and what is refused at load.
struct PodSecurityRuleTests {
    static func rule(_ text: String) throws -> PodSecurityRule {
        try PodSecurityRule(reading: try JSONValue(parsing: text), at: "validate.podSecurity")
    }

    static func text(_ rule: String, _ pod: JSONValue) throws -> String {
        let rule = try self.rule(rule)
        return rule.text(rule: "r", rule.violations(in: pod) ?? [])
    }

    /// A pod with a container for each image.
    static func pod(_ images: [String: JSONValue], _ spec: JSONObject = [:]) -> JSONValue {
        let containers = images.sorted { $0.key < $1.key }.map { image, security -> JSONValue in
            ["name": .string("c-" + image), "image": .string(image), "securityContext": security]
        }
        var pod: JSONValue = ["kind": "Pod", "spec": .object(spec)]
        pod[path: ["spec", "containers"]] = .array(containers)
        return pod
    }

    static let passed = "Validation rule 'r' passed."

    @Test func `messages name the fields and the values that are wrong`() throws {
        let pod = Self.pod(
            [
                "a": ["privileged": true, "capabilities": ["add": ["NET_RAW", "SYS_TIME"]]],
                "b": .null,
            ],
            [
                "hostNetwork": true,
                "volumes": [["name": "v", "hostPath": ["path": "/run"]]],
            ])
        #expect(
            try Self.text(#"{"level":"baseline","version":"latest"}"#, pod)
                == "Validation rule 'r' failed. It violates PodSecurity \"baseline:latest\": "
                + "(Forbidden reason: non-default capabilities, field error list: "
                + "[spec.containers[0].securityContext.capabilities.add is forbidden, forbidden "
                + "values found: [NET_RAW SYS_TIME]])"
                + "(Forbidden reason: host namespaces, field error list: [spec.hostNetwork is "
                + "forbidden, forbidden values found: true])"
                + "(Forbidden reason: hostPath volumes, field error list: "
                + "[spec.volumes[0].hostPath is forbidden, forbidden values found: /run])"
                + "(Forbidden reason: privileged, field error list: "
                + "[spec.containers[0].securityContext.privileged is forbidden, forbidden values "
                + "found: true])")
    }

    @Test func `what is missing is required, and of controllers the template is named`() throws {
        var deployment: JSONValue = ["kind": "Deployment"]
        deployment[path: ["spec", "template"]] = [
            "spec": [
                "containers": [["name": "a"]],
                "volumes": [["name": "v", "nfs": [:]]],
            ]
        ]
        let prefix = "spec.template.spec.containers[0].securityContext."
        #expect(
            try Self.text(#"{"level":"restricted"}"#, deployment)
                == "Validation rule 'r' failed. It violates PodSecurity \"restricted:\": "
                + "(Forbidden reason: allowPrivilegeEscalation != false, field error list: "
                + "[\(prefix)allowPrivilegeEscalation: Required value])"
                + "(Forbidden reason: unrestricted capabilities, field error list: "
                + "[\(prefix)capabilities.drop: Required value])"
                + "(Forbidden reason: restricted volume types, field error list: "
                + "[spec.template.spec.volumes[0].nfs: Forbidden])"
                + "(Forbidden reason: runAsNonRoot != true, field error list: "
                + "[\(prefix)runAsNonRoot: Required value])"
                + "(Forbidden reason: seccompProfile, field error list: "
                + "[\(prefix)seccompProfile.type: Required value])")
        var cron: JSONValue = ["kind": "CronJob"]
        cron[path: ["spec", "jobTemplate", "spec", "template", "spec", "hostPID"]] = true
        cron[path: ["spec", "jobTemplate", "metadata", "annotations"]] = [
            "container.apparmor.security.beta.kubernetes.io/a": "unconfined"
        ]
        let fields = try Self.rule(#"{"level":"baseline"}"#).violations(in: cron)
        #expect(
            fields?.flatMap(\.fields).map(\.path) == [
                "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]",
                "spec.jobTemplate.spec.template.spec.hostPID",
            ])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let exclude: String
        let left: [String]

        init(_ name: String, _ exclude: String, _ left: [String]) {
            self.name = name
            self.exclude = exclude
            self.left = left
        }

        var testDescription: String { name }
    }

    static let subject = pod(
        [
            "nginx:1": ["privileged": true, "capabilities": ["add": ["KILL", "NET_RAW"]]],
            "redis:1": ["privileged": true, "seccompProfile": ["type": "Unconfined"]],
        ],
        [
            "hostNetwork": true, "hostPID": true,
            "securityContext": ["seccompProfile": ["type": "Unconfined"]],
        ])
    static let capability = "spec.containers[0].securityContext.capabilities.add"
    static let network = "spec.hostNetwork"
    static let process = "spec.hostPID"
    static let first = "spec.containers[0].securityContext.privileged"
    static let second = "spec.containers[1].securityContext.privileged"
    static let podSeccomp = "spec.securityContext.seccompProfile.type"
    static let seccomp = "spec.containers[1].securityContext.seccompProfile.type"

    static let rows: [Row] = [
        Row(
            "nothing", "[]",
            [capability, network, process, first, second, podSeccomp, seccomp]),
        Row(
            "a control of the pod", #"[{"controlName":"Host Namespaces"}]"#,
            [capability, first, second, podSeccomp, seccomp]),
        Row(
            "one field of it",
            #"""
            [{"controlName":"Host Namespaces","restrictedField":"spec.hostPID","values":["true"]}]
            """#,
            [capability, network, first, second, podSeccomp, seccomp]),
        Row(
            "a value that it has not",
            #"""
            [{"controlName":"Host Namespaces","restrictedField":"spec.hostPID","values":["no"]}]
            """#,
            [capability, network, process, first, second, podSeccomp, seccomp]),
        Row(
            "containers of an image",
            #"[{"controlName":"Privileged Containers","images":["nginx*"]}]"#,
            [capability, network, process, second, podSeccomp, seccomp]),
        Row(
            "containers of all images",
            #"[{"controlName":"Privileged Containers","images":["*"]}]"#,
            [capability, network, process, podSeccomp, seccomp]),
        Row(
            "of a list of values only some",
            #"""
            [{"controlName":"Capabilities","images":["*"],"values":["KILL"],
              "restrictedField":"spec.containers[*].securityContext.capabilities.add"}]
            """#,
            [capability, network, process, first, second, podSeccomp, seccomp]),
        Row(
            "of a list of values all, by wildcard",
            #"""
            [{"controlName":"Capabilities","images":["*"],"values":["KILL","NET_*"],
              "restrictedField":"spec.containers[*].securityContext.capabilities.add"}]
            """#,
            [network, process, first, second, podSeccomp, seccomp]),
        Row(
            "a control of pod and containers, for the pod", #"[{"controlName":"Seccomp"}]"#,
            [capability, network, process, first, second, seccomp]),
        Row(
            "for both",
            #"[{"controlName":"Seccomp"},{"controlName":"Seccomp","images":["redis*"]}]"#,
            [capability, network, process, first, second]),
    ]

    @Test(arguments: rows) func `exclusions take off what they name`(row: Row) throws {
        let rule = try Self.rule(#"{"level":"baseline","exclude":\#(row.exclude)}"#)
        let left = try #require(rule.violations(in: Self.subject)).flatMap(\.fields).map(\.path)
        #expect(left.sorted() == row.left.sorted())
        // An exception from the rule takes off the same.
        let exceptions = try PodSecurityExclusion.list(
            reading: try JSONValue(parsing: row.exclude), at: "spec.podSecurity")
        let excused = try Self.rule(#"{"level":"baseline"}"#).violations(
            in: Self.subject, excluding: exceptions)
        #expect(excused?.flatMap(\.fields).map(\.path).sorted() == row.left.sorted())
    }

    @Test func `fields that are not there can be excluded as well`() throws {
        let pod = Self.pod(["a": ["allowPrivilegeEscalation": false]])
        let rule = """
            {"level":"restricted","exclude":[
            {"controlName":"Capabilities","images":["a"]},{"controlName":"Seccomp","images":["a"]},
            {"controlName":"Running as Non-root","images":["a"]}]}
            """
        #expect(try Self.text(rule, pod) == Self.passed)
    }

    @Test func `an excused container does not excuse another of the same place`() throws {
        let pod = Self.pod(["a": ["privileged": true], "b": ["privileged": true]])
        let rule = try Self.rule(
            #"""
            {"level":"baseline","exclude":[{"controlName":"Privileged Containers","images":["b"]},
            {"controlName":"Privileged Containers","images":["b"]}]}
            """#)
        let left = try #require(rule.violations(in: pod)).flatMap(\.fields).map(\.path)
        #expect(left == ["spec.containers[0].securityContext.privileged"])
    }

    @Test func `privileged allows everything, and other kinds are not judged`() throws {
        let rule = try Self.rule(#"{"level":"privileged"}"#)
        #expect(rule.violations(in: Self.subject) == [])
        #expect(rule.violations(in: ["kind": "PodTemplate"]) == nil)
        #expect(rule.violations(in: ["kind": "Job"]) == [])
    }

    @Test(arguments: [
        (#"{}"#, "level"), (#"{"level":"strict"}"#, "level"), (#"[]"#, ""),
        (#"{"level":"baseline","version":"1.30"}"#, "version"),
        (#"{"level":"baseline","extra":1}"#, "extra"),
        (#"{"level":"baseline","exclude":{}}"#, "exclude"),
        (#"{"level":"baseline","exclude":[1]}"#, "exclude[0]"),
        (#"{"level":"baseline","exclude":[{"controlName":"Pods"}]}"#, "exclude[0].controlName"),
        (
            #"{"level":"baseline","exclude":[{"controlName":"Capabilities"}]}"#,
            "exclude[0].controlName"
        ),
        (
            #"{"level":"baseline","exclude":[{"controlName":"Sysctls","images":["*"]}]}"#,
            "exclude[0].controlName"
        ),
        (
            #"{"level":"baseline","exclude":[{"controlName":"Seccomp","restrictedField":"f"}]}"#,
            "exclude[0].values"
        ),
        (
            #"{"level":"baseline","exclude":[{"controlName":"Seccomp","values":["v"]}]}"#,
            "exclude[0].restrictedField"
        ),
        (
            #"{"level":"baseline","exclude":[{"controlName":"Seccomp","images":"v"}]}"#,
            "exclude[0].images"
        ),
        (
            #"{"level":"baseline","exclude":[{"controlName":"Seccomp","image":["v"]}]}"#,
            "exclude[0].image"
        ),
    ]) func `a rule that cannot work is refused with its place`(rule: String, path: String) {
        #expect {
            _ = try Self.rule(rule)
        } throws: { error in
            let full = "validate.podSecurity" + (path.isEmpty ? "" : "." + path)
            return (error as? PodSecurityRuleProblem)?.path == full
        }
    }
}

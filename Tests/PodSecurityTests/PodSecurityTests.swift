import KubernetesCore
import Testing

@testable import PodSecurity

/// Pods and parts of them that tests start from.
enum Samples {
    /// A pod of one container that breaks nothing of the restricted level.
    static let safe: JSONValue = [
        "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
        "containers": [safeContainer("a")],
    ]

    static func safeContainer(_ name: String) -> JSONValue {
        [
            "name": .string(name), "image": "i",
            "securityContext": [
                "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
            ],
        ]
    }

    /// The safe pod with one value changed, in the pod or in its container.
    static func pod(_ path: [String], _ value: JSONValue) -> PodSecuritySubject {
        var spec = safe
        spec[path: path] = value
        return PodSecuritySubject(metadata: [:], spec: spec)
    }

    static func container(_ path: [String], _ value: JSONValue) -> PodSecuritySubject {
        var container = safeContainer("a")
        container[path: path] = value
        var spec = safe
        spec["containers"] = [container]
        return PodSecuritySubject(metadata: [:], spec: spec)
    }

    static func annotated(_ annotations: JSONObject) -> PodSecuritySubject {
        PodSecuritySubject(metadata: ["annotations": .object(annotations)], spec: safe)
    }
}

/// Every control with its texts and fields, its versions, and which stand in for which.
struct PodSecurityTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let id: String
        let pod: PodSecuritySubject
        let text: String
        let fields: [String]

        init(_ id: String, _ pod: PodSecuritySubject, _ text: String, _ fields: [String]) {
            self.id = id
            self.pod = pod
            self.text = text
            self.fields = fields
        }

        var testDescription: String { "\(id): \(text)" }
    }

    static let security = ["securityContext"]

    static let hostRows: [Row] = [
        Row(
            "hostNamespaces", Samples.pod(["hostPID"], true), "host namespaces (hostPID=true)",
            ["spec.hostPID=true"]),
        Row(
            "hostPathVolumes",
            Samples.pod(["volumes"], [["name": "v", "hostPath": ["path": "/run"]]]),
            "hostPath volumes (volume \"v\")", ["spec.volumes[0].hostPath=\"/run\""]),
        Row(
            "hostPorts",
            Samples.container(
                ["ports"], [["hostPort": 0], ["hostPort": 9000], ["hostPort": 10000]]),
            "hostPort (container \"a\" uses hostPorts 10000, 9000)",
            [
                "spec.containers[0].ports[1].hostPort=9000",
                "spec.containers[0].ports[2].hostPort=10000",
            ]),
        Row(
            "hostProbesAndHostLifecycle",
            Samples.container(["lifecycle"], ["preStop": ["httpGet": ["host": "h"]]]),
            "probe or lifecycle host (container \"a\" uses probe or lifecycle host \"h\")",
            ["spec.containers[0].lifecycle.preStop.httpGet.host=\"h\""]),
        Row(
            "windowsHostProcess",
            Samples.pod(security + ["windowsOptions"], ["hostProcess": true]),
            "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
            ["spec.securityContext.windowsOptions.hostProcess=true"]),
        Row(
            "privileged", Samples.container(security + ["privileged"], true),
            "privileged (container \"a\" must not set securityContext.privileged=true)",
            ["spec.containers[0].securityContext.privileged=true"]),
        Row(
            "procMount", Samples.container(security + ["procMount"], "Unmasked"),
            "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")",
            ["spec.containers[0].securityContext.procMount=\"Unmasked\""]),
        Row(
            "sysctls",
            Samples.pod(
                security + ["sysctls"], [["name": "net.ipv4.tcp_syncookies"], ["name": "k.x"]]),
            "forbidden sysctls (k.x)", ["spec.securityContext.sysctls[1].name=\"k.x\""]),
        Row(
            "capabilities_baseline",
            Samples.container(
                security + ["capabilities"], ["add": ["SYS_TIME", "CHOWN", "NET_RAW"]]),
            "non-default capabilities (container \"a\" must not include \"NET_RAW\", \"SYS_TIME\" "
                + "in securityContext.capabilities.add)",
            [
                "spec.containers[0].securityContext.capabilities.add=[\"NET_RAW\",\"SYS_TIME\"]"
            ]),
    ]

    static let profileRows: [Row] = [
        Row(
            "appArmorProfile",
            Samples.annotated(["container.apparmor.security.beta.kubernetes.io/a": "unconfined"]),
            "forbidden AppArmor profile (annotation must not set AppArmor profile type to "
                + "\"container.apparmor.security.beta.kubernetes.io/a=\"unconfined\"\")",
            [
                "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]"
                    + "=\"unconfined\""
            ]),
        Row(
            "appArmorProfile",
            Samples.container(security + ["appArmorProfile"], ["type": "Unconfined"]),
            "forbidden AppArmor profile (container \"a\" must not set AppArmor profile type to "
                + "\"Unconfined\")",
            ["spec.containers[0].securityContext.appArmorProfile.type=\"Unconfined\""]),
        Row(
            "seccompProfile_baseline",
            Samples.pod(security + ["seccompProfile"], ["type": "Unconfined"]),
            "seccompProfile (pod must not set securityContext.seccompProfile.type to "
                + "\"Unconfined\")", ["spec.securityContext.seccompProfile.type=\"Unconfined\""]),
        Row(
            "seLinuxOptions",
            Samples.pod(
                security + ["seLinuxOptions"], ["type": "spc_t", "user": "u", "role": "r"]),
            "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"spc_t\"; "
                + "user may not be set; role may not be set)",
            [
                "spec.securityContext.seLinuxOptions.type=\"spc_t\"",
                "spec.securityContext.seLinuxOptions.user=\"u\"",
                "spec.securityContext.seLinuxOptions.role=\"r\"",
            ]),
    ]

    static let restrictedRows: [Row] = [
        Row(
            "allowPrivilegeEscalation",
            Samples.container(security, ["capabilities": ["drop": ["ALL"]]]),
            "allowPrivilegeEscalation != false (container \"a\" must set "
                + "securityContext.allowPrivilegeEscalation=false)",
            ["spec.containers[0].securityContext.allowPrivilegeEscalation=\"nil\""]),
        Row(
            "capabilities_restricted",
            Samples.container(
                security + ["capabilities"], ["drop": ["CHOWN"], "add": ["KILL"]]),
            "unrestricted capabilities (container \"a\" must set "
                + "securityContext.capabilities.drop=[\"ALL\"]; container \"a\" must not include "
                + "\"KILL\" in securityContext.capabilities.add)",
            [
                "spec.containers[0].securityContext.capabilities.drop=[\"CHOWN\"]",
                "spec.containers[0].securityContext.capabilities.add=[\"KILL\"]",
            ]),
        Row(
            "procMount_restricted", Samples.container(security + ["procMount"], "Unmasked"),
            "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")",
            ["spec.containers[0].securityContext.procMount=\"Unmasked\""]),
        Row(
            "restrictedVolumes",
            Samples.pod(
                ["volumes"],
                [["name": "u", "nfs": [:]], ["name": "ok", "image": [:]], ["name": "v"]]),
            "restricted volume types (volumes \"u\", \"v\" use restricted volume types \"nfs\", "
                + "\"unknown\")", ["spec.volumes[0].nfs", "spec.volumes[2].unknown"]),
        Row(
            "runAsNonRoot", Samples.pod(security + ["runAsNonRoot"], .null),
            "runAsNonRoot != true (pod or container \"a\" must set "
                + "securityContext.runAsNonRoot=true)",
            ["spec.containers[0].securityContext.runAsNonRoot: Required value"]),
        Row(
            "runAsNonRoot", Samples.container(security + ["runAsNonRoot"], false),
            "runAsNonRoot != true (container \"a\" must not set "
                + "securityContext.runAsNonRoot=false)",
            ["spec.containers[0].securityContext.runAsNonRoot=false"]),
        Row(
            "runAsUser", Samples.pod(security + ["runAsUser"], 0),
            "runAsUser=0 (pod must not set runAsUser=0)", ["spec.securityContext.runAsUser=0"]),
        Row(
            "seccompProfile_restricted", Samples.pod(security + ["seccompProfile"], .null),
            "seccompProfile (pod or container \"a\" must set securityContext.seccompProfile.type "
                + "to \"RuntimeDefault\" or \"Localhost\")",
            ["spec.containers[0].securityContext.seccompProfile.type: Required value"]),
    ]

    static func show(_ field: FieldError) -> String {
        guard field.kind == .forbidden else { return field.message }
        return field.path + (field.badValue.map { "=" + $0.text } ?? "")
    }

    @Test(arguments: hostRows + profileRows)
    func `a baseline control finds what it forbids`(row: Row) {
        let found = PodSecurityStandards.violations(
            of: PodSecurityProfile(.baseline), in: row.pod)
        #expect(found.map(\.id) == [row.id])
        #expect(found.details == row.text)
        #expect(found.flatMap(\.fields).map(Self.show) == row.fields)
    }

    @Test(arguments: restrictedRows)
    func `a restricted control finds what it forbids`(row: Row) {
        let found = PodSecurityStandards.violations(
            of: PodSecurityProfile(.restricted), in: row.pod)
        #expect(found.map(\.id) == [row.id])
        #expect(found.details == row.text)
        #expect(found.flatMap(\.fields).map(Self.show) == row.fields)
    }

    @Test func `a safe pod breaks nothing, and privileged forbids nothing`() {
        let safe = PodSecuritySubject(metadata: [:], spec: Samples.safe)
        let empty = PodSecuritySubject(metadata: [:], spec: ["hostNetwork": true])
        for version in [.latest] + (0...40).map(PodSecurityVersion.init(minor:)) {
            for level in PodSecurityLevel.allCases {
                let profile = PodSecurityProfile(level, version)
                #expect(PodSecurityStandards.violations(of: profile, in: safe).isEmpty)
            }
            let profile = PodSecurityProfile(.privileged, version)
            #expect(PodSecurityStandards.violations(of: profile, in: empty).isEmpty)
        }
    }

    @Test func `every list of containers is looked at, and they are named in order`() {
        var spec = Samples.safe
        let privileged: JSONValue = ["privileged": true]
        for list in ["ephemeralContainers", "initContainers", "containers"] {
            spec[list] = [["name": .string(list), "securityContext": privileged]]
        }
        let found = PodSecurityStandards.violations(
            of: PodSecurityProfile(.baseline), in: .init(metadata: [:], spec: spec))
        #expect(
            found.details == "privileged (containers \"initContainers\", \"containers\", "
                + "\"ephemeralContainers\" must not set securityContext.privileged=true)")
        #expect(
            found.flatMap(\.fields).map(\.path) == [
                "spec.initContainers[0].securityContext.privileged",
                "spec.containers[0].securityContext.privileged",
                "spec.ephemeralContainers[0].securityContext.privileged",
            ])
    }

    @Test func `pod and containers are named together`() {
        var spec = Samples.safe
        spec[path: ["securityContext", "seccompProfile", "type"]] = "Unconfined"
        spec["containers"] = [
            Samples.safeContainer("a"),
            ["name": "b", "securityContext": ["seccompProfile": ["type": "Odd"]]],
        ]
        let found = PodSecurityStandards.violations(
            of: PodSecurityProfile(.baseline), in: .init(metadata: [:], spec: spec))
        #expect(
            found.details == "seccompProfile (pod and container \"b\" must not set "
                + "securityContext.seccompProfile.type to \"Odd\", \"Unconfined\")")
    }

    struct Window: Sendable {
        let id: String
        let pod: PodSecuritySubject
        let broken: Set<Int>

        init(_ id: String, _ pod: PodSecuritySubject, _ broken: some Sequence<Int>) {
            self.id = id
            self.pod = pod
            self.broken = Set(broken)
        }
    }

    static func withUsers(_ path: [String], _ value: JSONValue) -> PodSecuritySubject {
        var spec = Samples.safe
        spec["hostUsers"] = false
        spec[path: path] = value
        return PodSecuritySubject(metadata: [:], spec: spec)
    }

    static let newest = 40

    static let windows: [Window] = [
        Window("allowPrivilegeEscalation", Samples.container(security, [:]), 8...newest),
        Window("capabilities_restricted", Samples.container(security, [:]), 22...newest),
        Window("runAsUser", Samples.pod(security + ["runAsUser"], 0), 23...newest),
        Window("runAsUser", withUsers(security + ["runAsUser"], 0), 23...34),
        Window("runAsNonRoot", withUsers(security + ["runAsNonRoot"], false), 0...34),
        Window(
            "procMount",
            withUsers(["containers"], [["securityContext": ["procMount": "Unmasked"]]]), 0...34),
        Window(
            "procMount_restricted",
            withUsers(["containers"], [["securityContext": ["procMount": "Unmasked"]]]),
            35...newest),
        Window(
            "hostProbesAndHostLifecycle",
            Samples.container(["livenessProbe"], ["tcpSocket": ["host": "h"]]), 34...newest),
        Window(
            "seLinuxOptions",
            Samples.pod(security + ["seLinuxOptions"], ["type": "container_engine_t"]), 0...30),
        Window(
            "seccompProfile_baseline",
            Samples.annotated(["seccomp.security.alpha.kubernetes.io/pod": "unconfined"]), 0...18),
        Window(
            "sysctls",
            Samples.pod(
                security + ["sysctls"], [["name": "net.ipv4.ip_local_reserved_ports"]]), 0...26),
        Window(
            "sysctls", Samples.pod(security + ["sysctls"], [["name": "net.ipv4.tcp_fin_timeout"]]),
            0...28),
        Window(
            "sysctls", Samples.pod(security + ["sysctls"], [["name": "net.ipv4.tcp_wmem"]]),
            0...31),
        Window(
            "sysctls",
            Samples.pod(security + ["sysctls"], [["name": "net.ipv4.tcp_notsent_lowat"]]), 0...36),
    ]

    @Test(arguments: windows) func `a control holds from its version on`(window: Window) {
        for minor in 0...Self.newest {
            let profile = PodSecurityProfile(.restricted, PodSecurityVersion(minor: minor))
            let found = PodSecurityStandards.violations(of: profile, in: window.pod)
            #expect(
                found.contains { $0.id == window.id } == window.broken.contains(minor),
                "\(window.id) in v1.\(minor)")
        }
    }

    @Test func `a pod of Windows needs no settings of Linux from 1_25 on`() {
        var spec = Samples.safe
        spec["os"] = ["name": "windows"]
        spec["containers"] = [["name": "a"]]
        spec["securityContext"] = ["runAsNonRoot": true]
        let pod = PodSecuritySubject(metadata: [:], spec: spec)
        func ids(_ minor: Int) -> [String] {
            PodSecurityStandards.violations(
                of: PodSecurityProfile(.restricted, PodSecurityVersion(minor: minor)), in: pod
            ).map(\.id)
        }
        #expect(
            ids(24) == [
                "allowPrivilegeEscalation", "capabilities_restricted",
                "seccompProfile_restricted",
            ])
        #expect(ids(25).isEmpty)
    }

    @Test func `the version of the server bounds what latest means`() {
        let pod = Samples.pod(
            Self.security + ["sysctls"], [["name": "net.ipv4.tcp_notsent_lowat"]])
        func count(_ newest: Int) -> Int {
            PodSecurityStandards.violations(
                of: PodSecurityProfile(.baseline), in: pod,
                newest: PodSecurityVersion(minor: newest)
            ).count
        }
        #expect(count(36) == 1)
        #expect(count(37) == 0)
    }

    @Test func `looked at one by one, no control stands in for another`() {
        let pod = Samples.container(
            Self.security,
            [
                "procMount": "Unmasked", "capabilities": ["add": ["KILL", "NET_RAW"]],
            ])
        func ids(_ version: PodSecurityVersion) -> [String] {
            PodSecurityStandards.violationsOfEachControl(
                of: PodSecurityProfile(.restricted, version), in: pod,
                newest: PodSecurityVersion(minor: 34)
            ).map(\.id)
        }
        #expect(
            ids(.latest) == [
                "allowPrivilegeEscalation", "capabilities_baseline", "capabilities_restricted",
                "procMount",
            ])
        // Controls that are younger than the version are held by their oldest rules.
        #expect(ids(PodSecurityVersion(minor: 1)) == ids(.latest))
    }

    @Test func `versions are read and ordered`() {
        #expect(PodSecurityVersion("v1.30") == PodSecurityVersion(minor: 30))
        #expect(PodSecurityVersion("latest") == .latest)
        #expect(PodSecurityVersion(minor: 9) < PodSecurityVersion(minor: 10))
        #expect(PodSecurityVersion(minor: 999) < .latest)
        #expect(PodSecurityVersion("v1.7")?.description == "v1.7")
        for text in ["", "v1", "v1.", "v1.01", "v2.1", "1.30", "v1.x", "v1.99999999999999999999"] {
            #expect(PodSecurityVersion(text) == nil, "\(text)")
        }
    }

    @Test func `templates are found in every kind that makes pods`() {
        let template: JSONValue = ["metadata": ["annotations": ["k": "v"]], "spec": Samples.safe]
        for (kind, path) in PodSecuritySubject.templatePaths {
            var object: JSONValue = path.isEmpty ? template : [:]
            if !path.isEmpty { object[path: path] = template }
            let subject = PodSecuritySubject(of: object, kind: kind)
            #expect(subject?.spec == Samples.safe, "\(kind)")
            #expect(subject?.annotations == ["k": "v"])
        }
        #expect(PodSecuritySubject(of: [:], kind: "ConfigMap") == nil)
        #expect(PodSecuritySubject(of: ["spec": [:]], kind: "ReplicationController") == nil)
    }

    @Test func `values of the wrong type never trap`() {
        let odd: [JSONValue] = [.null, 1, "x", [], [1], [:], ["a": 1], true, .double(.nan)]
        let paths = [
            ["hostNetwork"], ["volumes"], ["containers"], ["securityContext"], ["os"],
            ["securityContext", "sysctls"], ["securityContext", "seccompProfile"],
            ["securityContext", "runAsUser"], ["securityContext", "seLinuxOptions"],
        ]
        for value in odd {
            for path in paths {
                for version in [0, 19, 25, 35] {
                    _ = PodSecurityStandards.violations(
                        of: PodSecurityProfile(.restricted, PodSecurityVersion(minor: version)),
                        in: Samples.pod(path, value))
                    _ = PodSecurityStandards.violations(
                        of: PodSecurityProfile(.restricted, PodSecurityVersion(minor: version)),
                        in: Samples.container(path, value))
                }
            }
        }
    }
}

import KubernetesCore

/// The Pod Security Standards: what is wrong with a pod at a level, in the words of the API server.
struct PodSecurity {
    enum Level: String {
        case privileged
        case baseline
        case restricted
    }

    private let spec: JSONValue
    private let containers: [JSONValue]
    private var violations: [String] = []

    /// What the pod breaks of `level`.
    static func violations(_ pod: JSONValue, _ level: Level) -> [String] {
        guard level != .privileged else { return [] }
        var check = PodSecurity(pod)
        check.checkBaseline(isRestricted: level == .restricted)
        if level == .restricted { check.checkRestricted() }
        return check.violations
    }

    private init(_ pod: JSONValue) {
        spec = pod["spec"] ?? [:]
        containers = ["initContainers", "containers", "ephemeralContainers"].flatMap {
            pod[path: ["spec", $0]]?.array ?? []
        }
    }

    private func names(_ isWrong: (JSONValue) -> Bool) -> [String] {
        containers.filter(isWrong).map { "\"" + ($0["name"]?.string ?? "") + "\"" }
    }

    private func joined(_ names: [String], _ one: String, _ many: String) -> String {
        (names.count == 1 ? one : many) + " " + names.joined(separator: ", ")
    }

    private mutating func report(_ title: String, _ names: [String], _ demand: String) {
        guard !names.isEmpty else { return }
        violations.append("\(title) (\(joined(names, "container", "containers")) \(demand))")
    }

    private static let defaultCapabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
        "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]
    private static let safeSysctls: Set<String> = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ]

    private mutating func checkBaseline(isRestricted: Bool) {
        if !isRestricted {
            var added: Set<String> = []
            let wrong = names { container in
                let odd = PodSecurity.added(container).filter {
                    !PodSecurity.defaultCapabilities.contains($0)
                }
                added.formUnion(odd)
                return !odd.isEmpty
            }
            let list = added.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            report(
                "non-default capabilities", wrong,
                "must not include \(list) in securityContext.capabilities.add")
        }
        let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.bool == true }
        if !shared.isEmpty {
            let list = shared.map { $0 + "=true" }.joined(separator: ", ")
            violations.append("host namespaces (\(list))")
        }
        let paths = (spec["volumes"]?.array ?? []).filter { $0["hostPath"] != nil }.map {
            "\"" + ($0["name"]?.string ?? "") + "\""
        }
        if !paths.isEmpty {
            violations.append("hostPath volumes (\(joined(paths, "volume", "volumes")))")
        }
        checkPorts()
        report(
            "privileged", names { $0[path: ["securityContext", "privileged"]]?.bool == true },
            "must not set securityContext.privileged=true")
        report(
            "procMount",
            names {
                let mount = $0[path: ["securityContext", "procMount"]]?.string ?? "Default"
                return mount != "Default" && spec["hostUsers"]?.bool != false
            }, "must not set securityContext.procMount to \"Unmasked\"")
        if !isRestricted { checkUnconfined() }
        let sysctls = (spec[path: ["securityContext", "sysctls"]]?.array ?? []).compactMap {
            $0["name"]?.string
        }.filter { !PodSecurity.safeSysctls.contains($0) }
        if !sysctls.isEmpty {
            violations.append("forbidden sysctls (\(sysctls.joined(separator: ", ")))")
        }
    }

    private static func added(_ container: JSONValue) -> [String] {
        Authorization.texts(container[path: ["securityContext", "capabilities", "add"]])
    }

    private mutating func checkPorts() {
        var ports: Set<Int64> = []
        let wrong = names { container in
            let used = (container["ports"]?.array ?? []).compactMap { $0["hostPort"]?.integer }
            ports.formUnion(used.filter { $0 != 0 })
            return used.contains { $0 != 0 }
        }
        guard !wrong.isEmpty else { return }
        let list = ports.sorted().map { String($0) }.joined(separator: ", ")
        violations.append(
            "hostPort (\(joined(wrong, "container", "containers")) "
                + "\(wrong.count == 1 ? "uses" : "use") "
                + "\(ports.count == 1 ? "hostPort" : "hostPorts") \(list))")
    }

    private mutating func checkUnconfined() {
        let path = ["securityContext", "seccompProfile", "type"]
        var parts: [String] = []
        if spec[path: path]?.string == "Unconfined" { parts.append("pod") }
        let wrong = names { $0[path: path]?.string == "Unconfined" }
        if !wrong.isEmpty { parts.append(joined(wrong, "container", "containers")) }
        guard !parts.isEmpty else { return }
        violations.append(
            "seccompProfile (\(parts.joined(separator: " and ")) must not set "
                + "securityContext.seccompProfile.type to \"Unconfined\")")
    }

    private mutating func checkRestricted() {
        report(
            "allowPrivilegeEscalation != false",
            names { $0[path: ["securityContext", "allowPrivilegeEscalation"]]?.bool != false },
            "must set securityContext.allowPrivilegeEscalation=false")
        checkCapabilities()
        checkVolumes()
        let podNonRoot = spec[path: ["securityContext", "runAsNonRoot"]]?.bool
        let rooted = names {
            ($0[path: ["securityContext", "runAsNonRoot"]]?.bool ?? podNonRoot) != true
        }
        if !rooted.isEmpty {
            violations.append(
                "runAsNonRoot != true (pod or \(joined(rooted, "container", "containers")) must "
                    + "set securityContext.runAsNonRoot=true)")
        }
        let path = ["securityContext", "runAsUser"]
        var users: [String] = spec[path: path]?.integer == 0 ? ["pod"] : []
        let zero = names { $0[path: path]?.integer == 0 }
        if !zero.isEmpty { users.append(joined(zero, "container", "containers")) }
        if !users.isEmpty {
            violations.append(
                "runAsUser=0 (\(users.joined(separator: " and ")) must not set runAsUser=0)")
        }
        let profile = ["securityContext", "seccompProfile", "type"]
        let podProfile = spec[path: profile]?.string
        let allowed = ["RuntimeDefault", "Localhost"]
        let loose = names { !allowed.contains($0[path: profile]?.string ?? podProfile ?? "") }
        if !loose.isEmpty {
            violations.append(
                "seccompProfile (pod or \(joined(loose, "container", "containers")) must set "
                    + "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")
        }
    }

    private mutating func checkCapabilities() {
        let path = ["securityContext", "capabilities", "drop"]
        let undropped = names { !Authorization.texts($0[path: path]).contains("ALL") }
        var added: Set<String> = []
        let wrong = names { container in
            let odd = PodSecurity.added(container).filter { $0 != "NET_BIND_SERVICE" }
            added.formUnion(odd)
            return !odd.isEmpty
        }
        var parts: [String] = []
        if !undropped.isEmpty {
            parts.append(
                joined(undropped, "container", "containers")
                    + " must set securityContext.capabilities.drop=[\"ALL\"]")
        }
        if !wrong.isEmpty {
            let list = added.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            parts.append(
                joined(wrong, "container", "containers")
                    + " must not include \(list) in securityContext.capabilities.add")
        }
        guard !parts.isEmpty else { return }
        violations.append("unrestricted capabilities (\(parts.joined(separator: "; ")))")
    }

    private mutating func checkVolumes() {
        let allowed: Set<String> = [
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "name",
            "persistentVolumeClaim", "projected", "secret",
        ]
        var kinds: Set<String> = []
        var names: [String] = []
        for volume in spec["volumes"]?.array ?? [] {
            let odd = (volume.object?.keys ?? []).filter { !allowed.contains($0) }
            guard !odd.isEmpty else { continue }
            kinds.formUnion(odd)
            names.append("\"" + (volume["name"]?.string ?? "") + "\"")
        }
        guard !names.isEmpty else { return }
        let list = kinds.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
        violations.append(
            "restricted volume types (\(joined(names, "volume", "volumes")) "
                + "\(names.count == 1 ? "uses" : "use") restricted volume "
                + "\(kinds.count == 1 ? "type" : "types") \(list))")
    }
}

extension APIServer {
    /// Holds a new pod against the levels that its namespace's labels name: refuses it, or warns.
    func checkPodSecurity(_ pod: JSONValue, _ call: inout APICall) throws(Failure) {
        guard let labels = store.object(.namespaces, "", call.namespace)?.labels else { return }
        let prefix = "pod-security.kubernetes.io/"
        func policy(_ mode: String) -> (level: PodSecurity.Level, name: String) {
            let level =
                labels[prefix + mode]?.string.flatMap { PodSecurity.Level(rawValue: $0) }
                ?? .privileged
            let version = labels[prefix + mode + "-version"]?.string ?? "latest"
            return (level, "\(level.rawValue):\(version)")
        }
        let enforced = policy("enforce")
        let broken = PodSecurity.violations(pod, enforced.level)
        guard broken.isEmpty else {
            throw .forbidden(
                .pods, pod[path: ["metadata", "name"]]?.string ?? "",
                "violates PodSecurity \"\(enforced.name)\": \(broken.joined(separator: ", "))")
        }
        let warned = policy("warn")
        let doubtful = PodSecurity.violations(pod, warned.level)
        guard !doubtful.isEmpty else { return }
        call.warnings.append(
            "would violate PodSecurity \"\(warned.name)\": \(doubtful.joined(separator: ", "))")
    }
}

import KubernetesCore

/// What of the host a pod may share.
enum HostChecks {
    /// The namespaces of the host are its own.
    static let namespaces = PodSecurityCheck(
        "hostNamespaces", .baseline,
        [
            (
                0,
                { pod in
                    let shared = ["hostNetwork", "hostPID", "hostIPC"].filter {
                        pod.spec[$0]?.bool == true
                    }
                    guard !shared.isEmpty else { return nil }
                    return PodSecurityFinding(
                        reason: "host namespaces",
                        detail: shared.map { $0 + "=true" }.joined(separator: ", "),
                        fields: shared.map { .badValue(FieldPath("spec").child($0), true) })
                }
            )
        ])

    /// Nothing of the host's file system is mounted.
    static let pathVolumes = PodSecurityCheck(
        "hostPathVolumes", .baseline,
        [
            (
                0,
                { pod in
                    var volumes = PodSecurityOffenders()
                    for (index, volume) in (pod.spec["volumes"]?.array ?? []).enumerated() {
                        guard let source = PodSecuritySubject.present(volume["hostPath"]) else {
                            continue
                        }
                        let path = FieldPath("spec.volumes")[index].child("hostPath")
                        volumes.add(
                            volume["name"]?.string ?? "", [.badValue(path, source["path"])])
                    }
                    guard !volumes.isEmpty else { return nil }
                    return PodSecurityFinding(
                        reason: "hostPath volumes",
                        detail: PodSecurityWords.count("volume", volumes.names),
                        fields: volumes.fields)
                }
            )
        ])

    /// No port of the host is taken.
    static let ports = PodSecurityCheck("hostPorts", .baseline, [(0, judgePorts)])

    @Sendable private static func judgePorts(_ pod: PodSecuritySubject) -> PodSecurityFinding? {
        var offenders = PodSecurityOffenders()
        var ports: Set<String> = []
        for container in pod.containers {
            var fields: [FieldError] = []
            for (index, port) in (container.value["ports"]?.array ?? []).enumerated() {
                guard let number = port["hostPort"]?.integer, number != 0 else { continue }
                ports.insert(String(number))
                let path = container.path.child("ports")[index].child("hostPort")
                fields.append(.badValue(path, .integer(number)))
            }
            if !fields.isEmpty { offenders.add(container.name, fields) }
        }
        guard !offenders.isEmpty else { return nil }
        let list = ports.sorted().joined(separator: ", ")
        return PodSecurityFinding(
            reason: "hostPort",
            detail: "\(offenders.asContainers) \(PodSecurityWords.uses(offenders.names.count)) "
                + "\(PodSecurityWords.plural("hostPort", ports.count)) \(list)",
            fields: offenders.fields)
    }

    /// Probes and hooks call the pod itself, not another host.
    static let probes = PodSecurityCheck(
        "hostProbesAndHostLifecycle", .baseline, [(34, judgeProbes)])

    @Sendable private static func judgeProbes(_ pod: PodSecuritySubject) -> PodSecurityFinding? {
        let places = [
            ["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"],
            ["lifecycle", "preStop"],
        ]
        var names: Set<String> = []
        var hosts: Set<String> = []
        var fields: [FieldError] = []
        for container in pod.containers {
            for place in places {
                for action in ["httpGet", "tcpSocket"] {
                    let path = place + [action, "host"]
                    guard let host = container.value[path: path]?.string, !host.isEmpty else {
                        continue
                    }
                    names.insert(container.name)
                    hosts.insert(host)
                    fields.append(
                        .badValue(
                            container.path.child(path.joined(separator: ".")), .string(host)))
                }
            }
        }
        guard !names.isEmpty else { return nil }
        let what = "probe or lifecycle host"
        return PodSecurityFinding(
            reason: what,
            detail: "\(PodSecurityWords.count("container", names.sorted())) "
                + "\(PodSecurityWords.uses(names.count)) "
                + PodSecurityWords.count(what, hosts.sorted()),
            fields: fields)
    }

    /// No container of Windows runs as a process of the host.
    static let windowsProcess = PodSecurityCheck(
        "windowsHostProcess", .baseline, [(0, judgeProcess)])

    @Sendable private static func judgeProcess(_ pod: PodSecuritySubject) -> PodSecurityFinding? {
        let field = "windowsOptions.hostProcess"
        var setters = PodSecurityOffenders()
        if pod.security("windowsOptions", "hostProcess")?.bool == true {
            setters.add("pod", [.badValue(pod.securityPath(field), true)])
        }
        var containers = PodSecurityOffenders()
        for container in pod.containers
        where container.security("windowsOptions", "hostProcess")?.bool == true {
            containers.add(container.name, [.badValue(container.securityPath(field), true)])
        }
        setters.add(containers: containers)
        guard !setters.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "hostProcess",
            detail: setters.names.joined(separator: " and ")
                + " must not set securityContext.windowsOptions.hostProcess=true",
            fields: setters.fields)
    }
}

import KubernetesCore

/// What containers may be capable of.
enum CapabilityChecks {
    private static let usual: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
        "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    /// Nothing beyond what a runtime gives anyway may be added.
    static let baseline = PodSecurityCheck(
        "capabilities_baseline", .baseline,
        [
            (
                0,
                { pod in
                    let (offenders, added) = adding(pod, beyond: usual)
                    guard !offenders.isEmpty else { return nil }
                    return PodSecurityFinding(
                        reason: "non-default capabilities", detail: detail(offenders, added),
                        fields: offenders.fields)
                }
            )
        ])

    /// Everything has to be dropped, and only ports below 1024 may be asked for again.
    static let restricted = PodSecurityCheck(
        "capabilities_restricted", .restricted, overrides: baseline.id,
        [(22, judgeRestricted), (25, { pod in pod.isWindows ? nil : judgeRestricted(pod) })])

    @Sendable private static func judgeRestricted(
        _ pod: PodSecuritySubject
    ) -> PodSecurityFinding? {
        var keeping = PodSecurityOffenders()
        for container in pod.containers {
            let dropped = texts(container.security("capabilities", "drop"))
            guard !dropped.contains("ALL") else { continue }
            let path = container.securityPath("capabilities.drop")
            keeping.add(
                container.name,
                dropped.isEmpty
                    ? [.required(path)] : [.badValue(path, .strings(Set(dropped).sorted()))])
        }
        let (adding, added) = adding(pod, beyond: ["NET_BIND_SERVICE"])
        var details: [String] = []
        if !keeping.isEmpty {
            details.append(
                keeping.asContainers + " must set securityContext.capabilities.drop=[\"ALL\"]")
        }
        if !adding.isEmpty { details.append(detail(adding, added)) }
        guard !details.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "unrestricted capabilities", detail: details.joined(separator: "; "),
            fields: keeping.fields + adding.fields)
    }

    private static func adding(
        _ pod: PodSecuritySubject, beyond allowed: Set<String>
    ) -> (PodSecurityOffenders, Set<String>) {
        var offenders = PodSecurityOffenders()
        var all: Set<String> = []
        for container in pod.containers {
            let added = Set(texts(container.security("capabilities", "add"))).subtracting(allowed)
            guard !added.isEmpty else { continue }
            all.formUnion(added)
            let path = container.securityPath("capabilities.add")
            offenders.add(container.name, [.badValue(path, .strings(added.sorted()))])
        }
        return (offenders, all)
    }

    private static func detail(_ offenders: PodSecurityOffenders, _ added: Set<String>) -> String {
        "\(offenders.asContainers) must not include \(PodSecurityWords.quoted(added.sorted())) in "
            + "securityContext.capabilities.add"
    }

    private static func texts(_ list: JSONValue?) -> [String] {
        (list?.array ?? []).compactMap(\.string)
    }
}

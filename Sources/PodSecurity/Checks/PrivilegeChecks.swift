import KubernetesCore

/// How a container may become more powerful than its user.
enum PrivilegeChecks {
    /// No container is privileged.
    static let privileged = PodSecurityCheck(
        "privileged", .baseline,
        [
            (
                0,
                { pod in
                    var offenders = PodSecurityOffenders()
                    for container in pod.containers
                    where container.security("privileged")?.bool == true {
                        offenders.add(
                            container.name,
                            [.badValue(container.securityPath("privileged"), true)])
                    }
                    guard !offenders.isEmpty else { return nil }
                    return PodSecurityFinding(
                        reason: "privileged",
                        detail: offenders.asContainers
                            + " must not set securityContext.privileged=true",
                        fields: offenders.fields)
                }
            )
        ])

    /// No process gains more privileges than its parent.
    static let escalation = PodSecurityCheck(
        "allowPrivilegeEscalation", .restricted,
        [(8, judgeEscalation), (25, { pod in pod.isWindows ? nil : judgeEscalation(pod) })])

    @Sendable private static func judgeEscalation(
        _ pod: PodSecuritySubject
    ) -> PodSecurityFinding? {
        var offenders = PodSecurityOffenders()
        for container in pod.containers {
            let path = container.securityPath("allowPrivilegeEscalation")
            guard container.security() != nil else {
                offenders.add(container.name, [.required(path)])
                continue
            }
            let value = container.security("allowPrivilegeEscalation")
            guard value?.bool != false else { continue }
            offenders.add(container.name, [.badValue(path, value ?? "nil")])
        }
        guard !offenders.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "allowPrivilegeEscalation != false",
            detail: offenders.asContainers
                + " must set securityContext.allowPrivilegeEscalation=false",
            fields: offenders.fields)
    }

    /// What the runtime hides of `/proc` stays hidden, but for pods with users of their own.
    static let procMount = PodSecurityCheck(
        "procMount", .baseline,
        [(0, judgeProcMount), (35, { pod in pod.hasUserNamespace ? nil : judgeProcMount(pod) })])

    /// What the runtime hides of `/proc` stays hidden.
    static let procMountRestricted = PodSecurityCheck(
        "procMount_restricted", .restricted, overrides: procMount.id, [(35, judgeProcMount)])

    @Sendable private static func judgeProcMount(
        _ pod: PodSecuritySubject
    ) -> PodSecurityFinding? {
        var offenders = PodSecurityOffenders()
        var types: Set<String> = []
        for container in pod.containers {
            guard let type = container.security("procMount")?.string, type != "Default" else {
                continue
            }
            types.insert(type)
            offenders.add(
                container.name,
                [.badValue(container.securityPath("procMount"), .string(type))])
        }
        guard !offenders.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "procMount",
            detail: offenders.asContainers + " must not set securityContext.procMount to "
                + PodSecurityWords.quoted(types.sorted()),
            fields: offenders.fields)
    }
}

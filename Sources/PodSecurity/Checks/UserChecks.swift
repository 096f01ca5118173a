import KubernetesCore

/// As whom containers run.
enum UserChecks {
    /// Nobody runs as root, but in pods with users of their own.
    static let nonRoot = PodSecurityCheck(
        "runAsNonRoot", .restricted,
        [(0, judgeNonRoot), (35, { pod in pod.hasUserNamespace ? nil : judgeNonRoot(pod) })])

    @Sendable private static func judgeNonRoot(_ pod: PodSecuritySubject) -> PodSecurityFinding? {
        let field = "runAsNonRoot"
        var setters = PodSecurityOffenders()
        let own = pod.security(field)?.bool
        if own == false { setters.add("pod", [.badValue(pod.securityPath(field), false)]) }
        var containers = PodSecurityOffenders()
        var silent = PodSecurityOffenders()
        for container in pod.containers {
            let path = container.securityPath(field)
            switch container.security(field)?.bool {
            case true: break
            case false: containers.add(container.name, [.badValue(path, false)])
            case nil where own != true: silent.add(container.name, [.required(path)])
            case nil: break
            }
        }
        setters.add(containers: containers)
        let detail: String
        if !setters.isEmpty {
            detail =
                setters.names.joined(separator: " and ")
                + " must not set securityContext.runAsNonRoot=false"
        } else if !silent.isEmpty {
            detail = "pod or \(silent.asContainers) must set securityContext.runAsNonRoot=true"
        } else {
            return nil
        }
        return PodSecurityFinding(
            reason: "runAsNonRoot != true", detail: detail,
            fields: setters.fields + silent.fields)
    }

    /// Nobody asks for the user 0, but in pods with users of their own.
    static let user = PodSecurityCheck(
        "runAsUser", .restricted,
        [(23, judgeUser), (35, { pod in pod.hasUserNamespace ? nil : judgeUser(pod) })])

    @Sendable private static func judgeUser(_ pod: PodSecuritySubject) -> PodSecurityFinding? {
        let field = "runAsUser"
        var setters = PodSecurityOffenders()
        if pod.security(field)?.double == 0 {
            setters.add("pod", [.badValue(pod.securityPath(field), 0)])
        }
        var containers = PodSecurityOffenders()
        for container in pod.containers where container.security(field)?.double == 0 {
            containers.add(container.name, [.badValue(container.securityPath(field), 0)])
        }
        setters.add(containers: containers)
        guard !setters.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "runAsUser=0",
            detail: setters.names.joined(separator: " and ") + " must not set runAsUser=0",
            fields: setters.fields)
    }
}

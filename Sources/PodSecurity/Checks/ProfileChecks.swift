import KubernetesCore

/// The profiles of AppArmor, seccomp and SELinux that a pod may choose.
enum ProfileChecks {
    private static let allowed: Set<String> = ["RuntimeDefault", "Localhost"]

    /// A profile of the runtime or of the node, in fields and in the annotations of old.
    static let appArmor = PodSecurityCheck("appArmorProfile", .baseline, [(0, judgeAppArmor)])

    @Sendable private static func judgeAppArmor(_ pod: PodSecuritySubject) -> PodSecurityFinding? {
        var (setters, badTypes) = setting("appArmorProfile", pod)
        var bad = badTypes.sorted()
        let prefix = "container.apparmor.security.beta.kubernetes.io/"
        var annotations = PodSecurityOffenders()
        for (key, value) in pod.annotations where key.hasPrefix(prefix) {
            guard let profile = value.string, !profile.isEmpty, profile != "runtime/default",
                !profile.hasPrefix("localhost/")
            else { continue }
            annotations.add(
                "\(key)=\(GoText.quote(profile))",
                [.badValue(FieldPath("metadata.annotations").key(key), value)])
        }
        if !annotations.isEmpty {
            bad += annotations.names.sorted()
            setters.add(
                PodSecurityWords.plural("annotation", annotations.names.count),
                annotations.fields)
        }
        guard !setters.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: PodSecurityWords.plural("forbidden AppArmor profile", bad.count),
            detail: "\(setters.names.joined(separator: " and ")) must not set AppArmor profile "
                + "type to \(PodSecurityWords.quoted(bad))",
            fields: setters.fields)
    }

    /// No profile may switch seccomp off.
    static let seccompBaseline = PodSecurityCheck(
        "seccompProfile_baseline", .baseline,
        [
            (0, judgeSeccompAnnotations),
            (
                19,
                { pod in
                    let (setters, types) = setting("seccompProfile", pod)
                    return setters.isEmpty ? nil : badSeccomp(setters, types)
                }
            ),
        ])

    @Sendable private static func judgeSeccompAnnotations(
        _ pod: PodSecuritySubject
    ) -> PodSecurityFinding? {
        let keys =
            ["seccomp.security.alpha.kubernetes.io/pod"]
            + pod.containers.map { "container.seccomp.security.alpha.kubernetes.io/" + $0.name }
        var forbidden: [String: FieldError] = [:]
        for key in keys {
            guard let value = pod.annotations[key], let profile = value.string,
                profile != "runtime/default", profile != "docker/default",
                !profile.hasPrefix("localhost/")
            else { continue }
            forbidden["\(key)=\(GoText.quote(profile))"] = .badValue(
                FieldPath("metadata.annotations").key(key), value)
        }
        guard !forbidden.isEmpty else { return nil }
        let sorted = forbidden.sorted { $0.key < $1.key }
        return PodSecurityFinding(
            reason: "seccompProfile",
            detail: "forbidden \(PodSecurityWords.plural("annotation", sorted.count)) "
                + sorted.map(\.key).joined(separator: ", "),
            fields: sorted.map(\.value))
    }

    /// A profile has to be chosen, for the pod or for each container.
    static let seccompRestricted = PodSecurityCheck(
        "seccompProfile_restricted", .restricted, overrides: seccompBaseline.id,
        [
            (19, judgeSeccompRestricted),
            (25, { pod in pod.isWindows ? nil : judgeSeccompRestricted(pod) }),
        ])

    @Sendable private static func judgeSeccompRestricted(
        _ pod: PodSecuritySubject
    ) -> PodSecurityFinding? {
        let (setters, types) = setting("seccompProfile", pod)
        guard setters.isEmpty else { return badSeccomp(setters, types) }
        // A profile of the pod is a good one here: a bad one would have been found above.
        guard pod.security("seccompProfile") == nil else { return nil }
        var silent = PodSecurityOffenders()
        for container in pod.containers where container.security("seccompProfile") == nil {
            silent.add(
                container.name, [.required(container.securityPath("seccompProfile.type"))])
        }
        guard !silent.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "seccompProfile",
            detail: "pod or \(silent.asContainers) must set securityContext.seccompProfile.type "
                + "to \"RuntimeDefault\" or \"Localhost\"",
            fields: silent.fields)
    }

    private static func badSeccomp(
        _ setters: PodSecurityOffenders, _ types: Set<String>
    ) -> PodSecurityFinding {
        PodSecurityFinding(
            reason: "seccompProfile",
            detail: setters.names.joined(separator: " and ")
                + " must not set securityContext.seccompProfile.type to "
                + PodSecurityWords.quoted(types.sorted()),
            fields: setters.fields)
    }

    /// Who chooses a profile that is not allowed, and which.
    private static func setting(
        _ profile: String, _ pod: PodSecuritySubject
    ) -> (PodSecurityOffenders, Set<String>) {
        var types: Set<String> = []
        func badType(_ value: JSONValue?) -> String? {
            guard let value else { return nil }
            let type = value["type"]?.string ?? ""
            guard !allowed.contains(type) else { return nil }
            types.insert(type)
            return type
        }
        var setters = PodSecurityOffenders()
        if let type = badType(pod.security(profile)) {
            setters.add(
                "pod", [.badValue(pod.securityPath(profile + ".type"), .string(type))])
        }
        var containers = PodSecurityOffenders()
        for container in pod.containers {
            guard let type = badType(container.security(profile)) else { continue }
            let path = container.securityPath(profile + ".type")
            containers.add(container.name, [.badValue(path, .string(type))])
        }
        setters.add(containers: containers)
        return (setters, types)
    }

    /// A type for containers, and no user or role.
    static let seLinux = PodSecurityCheck(
        "seLinuxOptions", .baseline,
        [
            (0, { judgeSELinux($0, seLinuxTypes) }),
            (31, { judgeSELinux($0, seLinuxTypes.union(["container_engine_t"])) }),
        ])

    private static let seLinuxTypes: Set<String> = [
        "", "container_t", "container_init_t", "container_kvm_t",
    ]

    private static func judgeSELinux(
        _ pod: PodSecuritySubject, _ allowed: Set<String>
    ) -> PodSecurityFinding? {
        var bad: [String: Set<String>] = [:]
        func faults(_ options: JSONValue?, _ path: FieldPath) -> [FieldError] {
            ["type", "user", "role"].compactMap { field in
                let value = options?[field]?.string ?? ""
                guard field == "type" ? !allowed.contains(value) : !value.isEmpty else {
                    return nil
                }
                bad[field, default: []].insert(value)
                return .badValue(path.child(field), .string(value))
            }
        }
        var setters = PodSecurityOffenders()
        let own = faults(pod.security("seLinuxOptions"), pod.securityPath("seLinuxOptions"))
        if !own.isEmpty { setters.add("pod", own) }
        var containers = PodSecurityOffenders()
        for container in pod.containers {
            let fields = faults(
                container.security("seLinuxOptions"), container.securityPath("seLinuxOptions"))
            if !fields.isEmpty { containers.add(container.name, fields) }
        }
        setters.add(containers: containers)
        guard !setters.isEmpty else { return nil }
        var details = bad["type"].map { [PodSecurityWords.count("type", $0.sorted())] } ?? []
        details += ["user", "role"].filter { bad[$0] != nil }.map { $0 + " may not be set" }
        return PodSecurityFinding(
            reason: "seLinuxOptions",
            detail: "\(setters.names.joined(separator: " and ")) set forbidden "
                + "securityContext.seLinuxOptions: \(details.joined(separator: "; "))",
            fields: setters.fields)
    }
}

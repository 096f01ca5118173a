public import KubernetesCore

extension PodSecurityAdmission {
    /// Most pods of a namespace that are looked at when its level is raised.
    static let podLimit = 3_000

    /// What is wrong with the labels of a namespace that somebody wants to store; nothing where an
    /// update leaves as it was what was wrong before.
    public func labelErrors(_ labels: JSONObject, old: JSONObject?) -> [FieldError] {
        let (_, errors) = NamespacePodSecurity.reading(labels: labels, over: defaults)
        guard let old else { return errors }
        let (_, before) = NamespacePodSecurity.reading(labels: old, over: defaults)
        return errors == before ? [] : errors
    }

    /// What whoever changes a namespace's labels is warned about: pods that the namespace holds
    /// already and that break the level it enforces from now on. Pods that stay are not touched.
    ///
    /// `pods` is asked only where the level changed so that pods could break it.
    public func warnings(
        namespace: String, labels: JSONObject, old: JSONObject, pods: () -> [JSONValue]
    ) -> [String] {
        let enforce = NamespacePodSecurity.reading(labels: labels, over: defaults).0.enforce
        let before = NamespacePodSecurity.reading(labels: old, over: defaults).0.enforce
        guard enforce != before, enforce.level != .privileged,
            enforce.version != before.version || enforce.level > before.level,
            !exemptNamespaces.contains(namespace)
        else { return [] }
        let all = prioritized(pods())
        var warnings: [String] = []
        if all.count > PodSecurityAdmission.podLimit {
            warnings.append(
                "new PodSecurity enforce level only checked against the first "
                    + "\(PodSecurityAdmission.podLimit) of \(all.count) existing pods")
        }
        var offenders: [String: [String]] = [:]
        for pod in all.prefix(PodSecurityAdmission.podLimit) {
            guard let subject = PodSecuritySubject(of: pod, kind: "Pod") else { continue }
            let broken = PodSecurityStandards.violations(of: enforce, in: subject, newest: newest)
            guard !broken.isEmpty else { continue }
            offenders[broken.reasons, default: []].append(
                pod[path: ["metadata", "name"]]?.string ?? "")
        }
        guard !offenders.isEmpty else { return warnings }
        warnings.append(
            "existing pods in namespace \"\(namespace)\" violate the new PodSecurity enforce "
                + "level \"\(enforce)\"")
        return warnings
            + offenders.map { reasons, names in
                PodSecurityAdmission.title(names) + ": " + reasons
            }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The first pod by name, and how many others there are.
    private static func title(_ names: [String]) -> String {
        let first = names.min { $0.utf8.lexicographicallyPrecedes($1.utf8) } ?? ""
        switch names.count {
        case 1: return first
        case 2: return first + " (and 1 other pod)"
        default: return "\(first) (and \(names.count - 1) other pods)"
        }
    }

    /// The pods that are looked at: of each controller one before all its others.
    private func prioritized(_ pods: [JSONValue]) -> [JSONValue] {
        var seen: Set<String> = []
        var first: [JSONValue] = []
        var others: [JSONValue] = []
        for pod in pods {
            let runtime = pod[path: ["spec", "runtimeClassName"]]?.string ?? ""
            if exemptRuntimeClasses.contains(runtime) { continue }
            let owners = pod[path: ["metadata", "ownerReferences"]]?.array ?? []
            let controller = owners.first { $0["controller"]?.bool == true }?["uid"]?.string
            if let controller, !seen.insert(controller).inserted {
                others.append(pod)
            } else {
                first.append(pod)
            }
        }
        return first + others
    }
}

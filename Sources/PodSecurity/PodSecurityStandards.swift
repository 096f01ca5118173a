/// The Pod Security Standards: what each level forbids in each version.
///
/// Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, with texts and
/// versions as a kube-apiserver has them.
public enum PodSecurityStandards {
    /// The newest version whose changes are known; newer ones count as this.
    public static let newestVersion = PodSecurityVersion(minor: 37)

    /// What a pod breaks of a profile, as a kube-apiserver finds it: the baseline controls first,
    /// each part by id; a restricted control stands in for the baseline one that it tightens.
    ///
    /// `newest` is the version of the server: what is newer counts as that.
    public static func violations(
        of profile: PodSecurityProfile, in pod: PodSecuritySubject,
        newest: PodSecurityVersion = newestVersion
    ) -> [PodSecurityViolation] {
        guard profile.level != .privileged else { return [] }
        let version = min(profile.version, min(newest, newestVersion))
        var violations: [PodSecurityViolation] = []
        for check in sorted where check.level <= profile.level {
            guard let revision = check.revision(in: version) else { continue }
            let isOverridden =
                profile.level == .restricted
                && sorted.contains {
                    $0.overrides == check.id && $0.revision(in: version) != nil
                }
            guard !isOverridden, let finding = revision.judge(pod) else { continue }
            violations.append(PodSecurityViolation(check.id, finding))
        }
        return violations
    }

    /// What a pod breaks of a profile when every control is looked at by itself, as Kyverno does:
    /// no control stands in for another, and one that is younger than the version asked for is
    /// held by its oldest rules. In the order of Kyverno's messages.
    ///
    /// `newest` is the version of the standards that is known: controls that came later are none.
    public static func violationsOfEachControl(
        of profile: PodSecurityProfile, in pod: PodSecuritySubject, newest: PodSecurityVersion
    ) -> [PodSecurityViolation] {
        guard profile.level != .privileged else { return [] }
        let version = min(profile.version, newest)
        return all.compactMap { check in
            guard check.level <= profile.level, let first = check.revisions.first,
                first.since <= newest
            else { return nil }
            let revision = check.revision(in: version) ?? first
            return revision.judge(pod).map { PodSecurityViolation(check.id, $0) }
        }
    }

    /// In the order in which Kyverno walks them.
    private static let all: [PodSecurityCheck] = [
        PrivilegeChecks.escalation, ProfileChecks.appArmor, CapabilityChecks.baseline,
        CapabilityChecks.restricted, HostChecks.namespaces, HostChecks.pathVolumes,
        HostChecks.ports, HostChecks.probes, PrivilegeChecks.privileged,
        PrivilegeChecks.procMount, PrivilegeChecks.procMountRestricted, VolumeChecks.restricted,
        UserChecks.nonRoot, UserChecks.user, ProfileChecks.seLinux,
        ProfileChecks.seccompBaseline, ProfileChecks.seccompRestricted, SysctlChecks.sysctls,
        HostChecks.windowsProcess,
    ]

    /// In the order in which a kube-apiserver walks them.
    private static let sorted: [PodSecurityCheck] = all.sorted {
        $0.level == $1.level
            ? $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) : $0.level < $1.level
    }
}

extension PodSecurityViolation {
    init(_ id: String, _ finding: PodSecurityFinding) {
        self.init(
            id: id, reason: finding.reason, detail: finding.detail, fields: finding.fields)
    }
}

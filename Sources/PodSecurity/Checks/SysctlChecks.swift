import KubernetesCore

/// Which settings of the kernel a pod may change.
enum SysctlChecks {
    private static let safe: [(since: Int, names: Set<String>)] = [
        (
            0,
            [
                "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range",
                "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
                "net.ipv4.ip_unprivileged_port_start",
            ]
        ),
        (27, ["net.ipv4.ip_local_reserved_ports"]),
        (
            29,
            [
                "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
            ]
        ),
        (32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
        (37, ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]),
    ]

    /// Only settings that are the pod's own and reach nobody else.
    static let sysctls = PodSecurityCheck(
        "sysctls", .baseline,
        safe.map { revision in
            let allowed = safe.filter { $0.since <= revision.since }
                .reduce(into: Set<String>()) { $0.formUnion($1.names) }
            return (revision.since, { judge($0, allowed) })
        })

    private static func judge(
        _ pod: PodSecuritySubject, _ allowed: Set<String>
    ) -> PodSecurityFinding? {
        var offenders = PodSecurityOffenders()
        for (index, sysctl) in (pod.security("sysctls")?.array ?? []).enumerated() {
            let name = sysctl["name"]?.string ?? ""
            guard !allowed.contains(name) else { continue }
            let path = pod.securityPath("sysctls")[index].child("name")
            offenders.add(name, [.badValue(path, .string(name))])
        }
        guard !offenders.isEmpty else { return nil }
        return PodSecurityFinding(
            reason: "forbidden sysctls", detail: offenders.names.joined(separator: ", "),
            fields: offenders.fields)
    }
}

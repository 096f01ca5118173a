/// The policies of `PodSecurityPolicies` once more, as `ValidatingPolicy`s of CEL expressions.
enum PodSecurityExpressions {
    /// The policies, one for each control.
    static let policies: String = expressions.map { policy($0.name, $0.expression) }
        .joined(separator: "---\n")

    private static func policy(_ name: String, _ expression: String) -> String {
        """
        apiVersion: policies.kyverno.io/v1
        kind: ValidatingPolicy
        metadata: {name: \(name)}
        spec:
          validationActions: [Deny]
          matchConstraints:
            resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
          variables:
          - name: containers
            expression: >-
              object.spec.containers + object.spec.?initContainers.orValue([])
              + object.spec.?ephemeralContainers.orValue([])
          - name: owners
            expression: "[object.spec] + variables.containers"
          validations:
          - message: The control \(name) of the Pod Security Standards does not hold.
            expression: >-
              \(expression)

        """
    }

    private static let profiles = "['RuntimeDefault', 'Localhost']"

    private static func owners(_ condition: String) -> String {
        "variables.owners.all(o, \(condition))"
    }

    private static func containers(_ condition: String) -> String {
        "variables.containers.all(c, \(condition))"
    }

    private static let expressions: [(name: String, expression: String)] = [
        (
            "host-namespaces",
            "!object.spec.?hostPID.orValue(false) && !object.spec.?hostIPC.orValue(false) "
                + "&& !object.spec.?hostNetwork.orValue(false)"
        ), ("host-path", "object.spec.?volumes.orValue([]).all(v, !has(v.hostPath))"),
        (
            "host-ports",
            containers("c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)")
        ),
        (
            "host-process",
            owners("!o.?securityContext.?windowsOptions.?hostProcess.orValue(false)")
        ), ("privileged", containers("!c.?securityContext.?privileged.orValue(false)")),
        (
            "proc-mount",
            containers("c.?securityContext.?procMount.orValue('Default') == 'Default'")
        ),
        (
            "selinux",
            owners(
                "o.?securityContext.?seLinuxOptions.?type.orValue('') in ['', 'container_t', "
                    + "'container_init_t', 'container_kvm_t'] "
                    + "&& o.?securityContext.?seLinuxOptions.?user.orValue('') == '' "
                    + "&& o.?securityContext.?seLinuxOptions.?role.orValue('') == ''")
        ),
        (
            "apparmor",
            owners(
                "o.?securityContext.?appArmorProfile.?type.orValue('RuntimeDefault') in "
                    + profiles)
        ),
        (
            "seccomp",
            owners(
                "o.?securityContext.?seccompProfile.?type.orValue('RuntimeDefault') in "
                    + profiles)
        ),
        (
            "sysctls",
            "object.spec.?securityContext.?sysctls.orValue([]).all(s, s.name in "
                + "['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', "
                + "'net.ipv4.tcp_syncookies'])"
        ),
        (
            "privilege-escalation",
            containers("!c.?securityContext.?allowPrivilegeEscalation.orValue(true)")
        ), ("run-as-user", owners("o.?securityContext.?runAsUser.orValue(1) > 0")),
        (
            "capabilities",
            containers(
                "c.?securityContext.?capabilities.?add.orValue([]).all(a, a in ['AUDIT_WRITE', "
                    + "'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', "
                    + "'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', "
                    + "'SYS_CHROOT'])")
        ),
        (
            "capabilities-strict",
            containers(
                "'ALL' in c.?securityContext.?capabilities.?drop.orValue([]) "
                    + "&& c.?securityContext.?capabilities.?add.orValue([]).all(a, "
                    + "a == 'NET_BIND_SERVICE')")
        ),
        (
            "run-as-non-root",
            containers(
                "c.?securityContext.?runAsNonRoot.orValue("
                    + "object.spec.?securityContext.?runAsNonRoot.orValue(false))")
        ),
        (
            "seccomp-strict",
            containers(
                "c.?securityContext.?seccompProfile.?type.orValue("
                    + "object.spec.?securityContext.?seccompProfile.?type.orValue('')) in "
                    + profiles)
        ),
        (
            "volume-types",
            "object.spec.?volumes.orValue([]).all(v, v.all(key, key in ['name', 'configMap', "
                + "'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', "
                + "'persistentVolumeClaim', 'projected', 'secret']))"
        ),
    ]
}

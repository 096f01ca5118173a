/// Policies that hold pods to the Pod Security Standards, one for each control, and a pod that
/// meets them: what `swiftlet bench policy` measures where it is given nothing else.
enum PodSecurityPolicies {
    /// A pod with two containers and an init container, as an API server would have defaulted it.
    static let pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: agent
          namespace: team-a
          labels: {app.kubernetes.io/name: agent, swiftlet.dev/tenant: team-a}
        spec:
          restartPolicy: Always
          dnsPolicy: ClusterFirst
          serviceAccountName: agent
          automountServiceAccountToken: false
          terminationGracePeriodSeconds: 30
          securityContext:
            runAsNonRoot: true
            runAsUser: 1000
            fsGroup: 1000
            seccompProfile: {type: RuntimeDefault}
          initContainers:
          - name: runner
            image: ghcr.io/acme/runner:1.0
            imagePullPolicy: IfNotPresent
            command: [/runner, --install, /runner]
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
            volumeMounts: [{name: runner, mountPath: /runner}]
          containers:
          - name: agent
            image: ghcr.io/acme/agent:1.0
            imagePullPolicy: IfNotPresent
            ports: [{containerPort: 8080, protocol: TCP}]
            env: [{name: MODE, value: background}]
            resources:
              requests: {cpu: 250m, memory: 256Mi}
              limits: {cpu: "1", memory: 1Gi}
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
            volumeMounts: [{name: runner, mountPath: /runner}, {name: work, mountPath: /work}]
          - name: sidecar
            image: ghcr.io/acme/sidecar:1.0
            imagePullPolicy: IfNotPresent
            resources:
              requests: {cpu: 10m, memory: 32Mi}
              limits: {cpu: 100m, memory: 64Mi}
            securityContext:
              allowPrivilegeEscalation: false
              capabilities: {drop: [ALL]}
          volumes:
          - {name: runner, emptyDir: {}}
          - {name: work, emptyDir: {sizeLimit: 1Gi}}
        """

    /// The policies, eleven of the level baseline and six of restricted.
    static let policies: String = {
        patterns.map { policy($0.name, "pattern:\n" + indent($0.pattern, by: 2)) }
            + [
                policy("capabilities", capabilities(adding: baselineCapabilities)),
                policy("capabilities-strict", strictCapabilities),
                policy("run-as-non-root", "anyPattern:\n" + nonRoot),
                policy("seccomp-strict", "anyPattern:\n" + seccomp),
                policy("volume-types", volumeTypes),
            ]
    }().joined(separator: "---\n")

    private static func policy(_ name: String, _ body: String) -> String {
        """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: \(name)}
        spec:
          validationFailureAction: Enforce
          rules:
          - name: \(name)
            match: {any: [{resources: {kinds: [Pod]}}]}
            validate:
              message: The control \(name) of the Pod Security Standards does not hold.
        \(indent(body, by: 6))

        """
    }

    private static func indent(_ text: String, by count: Int) -> String {
        let spaces = String(repeating: " ", count: count)
        return text.split(separator: "\n").map { spaces + $0 }.joined(separator: "\n")
    }

    /// A pattern for the containers of all lists.
    private static func containers(_ pattern: String) -> String {
        "=(ephemeralContainers): [\(pattern)]\n=(initContainers): [\(pattern)]\n"
            + "containers: [\(pattern)]"
    }

    private static func both(_ security: String) -> String {
        "spec:\n  =(securityContext): {\(security)}\n"
            + indent(containers("{=(securityContext): {\(security)}}"), by: 2)
    }

    private static let patterns: [(name: String, pattern: String)] = [
        (
            "host-namespaces",
            "spec: {=(hostPID): \"false\", =(hostIPC): \"false\", =(hostNetwork): \"false\"}"
        ), ("host-path", "spec: {=(volumes): [{X(hostPath): \"null\"}]}"),
        ("host-ports", "spec:\n" + indent(containers("{=(ports): [{=(hostPort): 0}]}"), by: 2)),
        ("host-process", both("=(windowsOptions): {=(hostProcess): \"false\"}")),
        (
            "privileged",
            "spec:\n"
                + indent(containers("{=(securityContext): {=(privileged): \"false\"}}"), by: 2)
        ),
        (
            "proc-mount",
            "spec:\n"
                + indent(containers("{=(securityContext): {=(procMount): Default}}"), by: 2)
        ),
        (
            "selinux",
            both(
                "=(seLinuxOptions): {=(type): "
                    + "\"container_t | container_init_t | container_kvm_t\", "
                    + "X(user): \"null\", X(role): \"null\"}")
        ),
        (
            "apparmor",
            both("=(appArmorProfile): {=(type): \"RuntimeDefault | Localhost\"}")
        ), ("seccomp", both("=(seccompProfile): {=(type): \"RuntimeDefault | Localhost\"}")),
        (
            "sysctls",
            "spec: {=(securityContext): {=(sysctls): [{=(name): \"kernel.shm_rmid_forced | "
                + "net.ipv4.ip_local_port_range | net.ipv4.tcp_syncookies\"}]}}"
        ),
        (
            "privilege-escalation",
            "spec:\n"
                + indent(
                    containers("{securityContext: {allowPrivilegeEscalation: \"false\"}}"), by: 2)
        ), ("run-as-user", both("=(runAsUser): \">0\"")),
    ]

    private static let baselineCapabilities =
        "[AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, "
        + "SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT]"

    private static let allContainers =
        "request.object.spec.[ephemeralContainers, initContainers, containers][]"

    private static func capabilities(adding allowed: String) -> String {
        """
        deny:
          conditions:
            all:
            - key: "{{ \(allContainers).securityContext.capabilities.add[] }}"
              operator: AnyNotIn
              value: \(allowed)
        """
    }

    private static let strictCapabilities = """
        foreach:
        - list: \(allContainers)
          deny:
            conditions:
              any:
              - key: ALL
                operator: AnyNotIn
                value: "{{ element.securityContext.capabilities.drop[] || `[]` }}"
        - list: \(allContainers)
          deny:
            conditions:
              all:
              - key: "{{ element.securityContext.capabilities.add[] || `[]` }}"
                operator: AnyNotIn
                value: [NET_BIND_SERVICE]
        """

    private static let nonRoot = """
        - spec:
            securityContext: {runAsNonRoot: true}
        \(indent(containers("{=(securityContext): {=(runAsNonRoot): true}}"), by: 4))
        - spec:
        \(indent(containers("{securityContext: {runAsNonRoot: true}}"), by: 4))
        """

    private static let seccomp = """
        - spec:
            securityContext: {seccompProfile: {type: "RuntimeDefault | Localhost"}}
        \(indent(
            containers(
                "{=(securityContext): {=(seccompProfile): {=(type): "
                    + "\"RuntimeDefault | Localhost\"}}}"), by: 4))
        - spec:
        \(indent(
            containers(
                "{securityContext: {seccompProfile: {type: \"RuntimeDefault | Localhost\"}}}"),
            by: 4))
        """

    private static let volumeTypes = """
        deny:
          conditions:
            all:
            - key: "{{ request.object.spec.volumes[].keys(@)[] || '' }}"
              operator: AnyNotIn
              value: [name, configMap, csi, downwardAPI, emptyDir, ephemeral, image,
                persistentVolumeClaim, projected, secret, ""]
        """
}

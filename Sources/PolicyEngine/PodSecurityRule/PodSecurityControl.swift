import KubernetesCore
import PodSecurity

/// A control of the Pod Security Standards as Kyverno names it.
enum PodSecurityControl: String, Hashable, Sendable, CaseIterable {
    case hostProcess = "HostProcess"
    case hostNamespaces = "Host Namespaces"
    case privileged = "Privileged Containers"
    case capabilities = "Capabilities"
    case hostPaths = "HostPath Volumes"
    case hostPorts = "Host Ports"
    case hostProbes = "Host Probes / Lifecycle Hooks"
    case appArmor = "AppArmor"
    case seLinux = "SELinux"
    case procMount = "/proc Mount Type"
    case seccomp = "Seccomp"
    case sysctls = "Sysctls"
    case volumes = "Volume Types"
    case escalation = "Privilege Escalation"
    case nonRoot = "Running as Non-root"
    case nonRootUser = "Running as Non-root user"

    /// Which part of a pod a control is about.
    enum Scope {
        case pod
        case containers
        case both
    }

    /// The ids of what is checked for this control.
    var ids: Set<String> {
        switch self {
        case .hostProcess: ["windowsHostProcess"]
        case .hostNamespaces: ["hostNamespaces"]
        case .privileged: ["privileged"]
        case .capabilities: ["capabilities_baseline", "capabilities_restricted"]
        case .hostPaths: ["hostPathVolumes"]
        case .hostPorts: ["hostPorts"]
        case .hostProbes: ["hostProbesAndHostLifecycle"]
        case .appArmor: ["appArmorProfile"]
        case .seLinux: ["seLinuxOptions"]
        case .procMount: ["procMount", "procMount_restricted"]
        case .seccomp: ["seccompProfile_baseline", "seccompProfile_restricted"]
        case .sysctls: ["sysctls"]
        case .volumes: ["restrictedVolumes"]
        case .escalation: ["allowPrivilegeEscalation"]
        case .nonRoot: ["runAsNonRoot"]
        case .nonRootUser: ["runAsUser"]
        }
    }

    /// Containers can only be excluded by their images, pods only without.
    var scope: Scope {
        switch self {
        case .capabilities, .privileged, .hostPorts, .hostProbes, .procMount, .escalation:
            .containers
        case .hostNamespaces, .hostPaths, .sysctls, .volumes: .pod
        case .hostProcess, .appArmor, .seLinux, .seccomp, .nonRoot, .nonRootUser: .both
        }
    }
}

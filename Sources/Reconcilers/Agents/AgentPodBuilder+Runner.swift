import KubernetesCore
import SwiftletAPI

/// What an agent has that runs the runner.
extension AgentPodBuilder {
    /// How long the node keeps trying before it starts a runner anew that makes no progress. Every
    /// restart costs the attempts that run, so this is long: six checks, a quarter of a minute
    /// apart, after the half minute that the runner itself waits before it says so.
    private static let liveness: JSONObject = [
        "periodSeconds": 15, "timeoutSeconds": 5, "failureThreshold": 6,
    ]
    /// The first check waits in the runner until that is registered, so that a new agent is ready
    /// as soon as it is.
    private static let readiness: JSONObject = [
        "periodSeconds": 5, "timeoutSeconds": 4, "failureThreshold": 3,
    ]

    /// Adds the probes that the template leaves open. None where another container of the pod says
    /// that it has the port.
    func addProbes(to container: inout JSONObject) {
        guard let port = settings.healthPort, !isTaken(port) else { return }
        func probe(_ path: String, _ pace: JSONObject) -> JSONValue {
            var probe = pace
            probe["httpGet"] = ["path": .string(path), "port": .int(port)]
            return .object(probe)
        }
        if container["livenessProbe"] == nil {
            container["livenessProbe"] = probe("/livez", Self.liveness)
        }
        if container["readinessProbe"] == nil {
            container["readinessProbe"] = probe("/readyz", Self.readiness)
        }
    }

    /// Variables for the runner alone.
    var runnerVariables: [JSONValue] {
        var list: [JSONValue] = []
        func add(_ name: String, _ value: String) {
            list.append(["name": .string(name), "value": .string(value)])
        }
        func add(_ name: String, limit: String) {
            list.append([
                "name": .string(name),
                "valueFrom": ["resourceFieldRef": ["resource": .string("limits." + limit)]],
            ])
        }
        if let port = settings.healthPort, !isTaken(port) {
            add("SWIFTLET_HEALTH_PORT", String(port))
            list.append([
                "name": "SWIFTLET_POD_IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]],
            ])
        }
        if settings.tellsLimits {
            add("SWIFTLET_MEMORY_LIMIT", limit: "memory")
            // The limit of a file holds wherever the file lies, so it is set only where none lies
            // anywhere but on the node's own disk.
            if !hasOtherVolumes { add("SWIFTLET_STORAGE_LIMIT", limit: "ephemeral-storage") }
        }
        if let workspace = pool.spec.workspace {
            add("SWIFTLET_WORKSPACE_DIR", AgentPodTemplate.Place.workspace)
            add("SWIFTLET_WORKSPACE_CLAIM", pool.metadata.namespace + "/" + workspace.claimName)
            add("SWIFTLET_WORKSPACE_CHECKPOINT_BYTES", String(workspace.checkpointBytesMax))
            add("SWIFTLET_WORKSPACE_RETENTION_SECONDS", String(workspace.retentionSeconds))
        }
        return list
    }

    private func isTaken(_ port: Int) -> Bool {
        let spec = pool.spec.template["spec"]
        let containers = ["initContainers", "containers"].flatMap { spec?[$0]?.array ?? [] }
        return containers.contains { container in
            (container["ports"]?.array ?? []).contains {
                $0["containerPort"]?.integer == Int64(port)
            }
        }
    }

    /// Whether agents have volumes that do not lie on their node's own disk.
    private var hasOtherVolumes: Bool {
        guard pool.spec.workspace == nil else { return true }
        let local = ["emptyDir", "configMap", "secret", "projected", "downwardAPI", "image"]
        let volumes = pool.spec.template[path: ["spec", "volumes"]]?.array ?? []
        return volumes.contains { volume in !local.contains { volume[$0] != nil } }
    }
}

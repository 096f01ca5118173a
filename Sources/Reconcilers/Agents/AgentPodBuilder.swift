import KubernetesCore
import SwiftletAPI

/// Makes the spec of a pool's agent pods out of the pool's template. What the template says stays,
/// except where it would let an agent out of its bounds: tokens for the API server are never
/// mounted, and what the runner needs is always there.
struct AgentPodBuilder {
    private typealias Place = AgentPodTemplate.Place

    let pool: BackgroundAgentPool
    let settings: AgentPodSettings

    /// The user and group that agents run as where the template names none: any but root.
    private static let user: JSONValue = 10_001

    /// What containers request of whose template nothing is known.
    static let defaultRequests = [
        "cpu": "100m", "memory": "128Mi", "ephemeral-storage": "256Mi",
    ]

    /// What containers may use of whose template nothing is known.
    static let defaultLimits = ["cpu": "2", "memory": "2Gi", "ephemeral-storage": "4Gi"]

    /// The longest poll that a runner takes.
    private static let pollMax = 300
    /// The grace of a pod whose template names none.
    private static let grace = 60

    /// How long the runner may wait for its attempts when it is to end: less than the pod's grace,
    /// so that their last reports still get through.
    private var drainSeconds: Int {
        let given = pool.spec.template[path: ["spec", "terminationGracePeriodSeconds"]]?.integer
        let grace = min(max(given ?? Int64(AgentPodBuilder.grace), 0), 86_400)
        return Int(max(grace - 10, grace / 2))
    }

    var spec: JSONValue {
        let template = pool.spec.template["spec"]?.object ?? JSONObject()
        var containers = (template["containers"]?.array ?? []).compactMap(\.object)
        let usesRunner = containers.first.map { ($0["command"]?.array ?? []).isEmpty } ?? false
        for index in containers.indices {
            containers[index] = hardened(containers[index])
            if index == 0 { containers[index] = agent(containers[index], usesRunner: usesRunner) }
        }
        var spec = template
        spec["containers"] = .array(containers.map(JSONValue.object))
        var prior = (template["initContainers"]?.array ?? []).map { container in
            container.object.map { JSONValue.object(hardened($0)) } ?? container
        }
        if usesRunner { prior.insert(installer, at: 0) }
        if !prior.isEmpty { spec["initContainers"] = .array(prior) }
        spec["volumes"] = .array((template["volumes"]?.array ?? []) + volumes(usesRunner))
        spec["restartPolicy"] = "Always"
        spec["automountServiceAccountToken"] = false
        spec["enableServiceLinks"] = false
        spec["securityContext"] = podSecurity(template["securityContext"])
        if spec["terminationGracePeriodSeconds"] == nil {
            spec["terminationGracePeriodSeconds"] = .int(AgentPodBuilder.grace)
        }
        if spec["priorityClassName"] == nil {
            spec["priorityClassName"] = settings.priorityClassName.map(JSONValue.string)
        }
        spec["serviceAccountName"] = .string(PoolObject.serviceAccountName(of: pool))
        if let name = pool.spec.isolation.runtimeClassName {
            spec["runtimeClassName"] = .string(name)
        }
        return .object(spec)
    }

    // MARK: - Containers

    private func agent(_ given: JSONObject, usesRunner: Bool) -> JSONObject {
        var container = given
        if usesRunner {
            container["command"] = [.string(Place.runner)]
            addProbes(to: &container)
        }
        let own = environment + (usesRunner ? runnerVariables : [])
        let kept = (given["env"]?.array ?? []).filter { variable in
            !own.contains { $0["name"] == variable["name"] }
        }
        container["env"] = .array(own + kept)
        var mounts = given["volumeMounts"]?.array ?? []
        let taken = mounts.compactMap { $0["mountPath"]?.string }
        if usesRunner { mounts.append(mount("swiftlet-bin", Place.programs, isReadOnly: true)) }
        mounts.append(mount("swiftlet-gateway", Place.gateway, isReadOnly: true))
        mounts.append(mount("swiftlet-work", Place.work))
        if !taken.contains("/tmp") { mounts.append(mount("swiftlet-tmp", "/tmp")) }
        if pool.spec.persona != nil {
            mounts.append(mount("swiftlet-persona", Place.persona, isReadOnly: true))
        }
        if pool.spec.workspace != nil {
            mounts.append(mount("swiftlet-workspace", Place.workspace))
        }
        container["volumeMounts"] = .array(mounts)
        return container
    }

    private var environment: [JSONValue] {
        func variable(_ name: String, _ value: String) -> JSONValue {
            ["name": .string(name), "value": .string(value)]
        }
        func field(_ name: String, _ path: String) -> JSONValue {
            ["name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(path)]]]
        }
        var list = [
            variable("SWIFTLET_GATEWAY_URL", settings.gatewayURL),
            variable("SWIFTLET_TOKEN_FILE", Place.gateway + "/token"),
            variable("SWIFTLET_WORK_DIR", Place.work),
            variable("SWIFTLET_SLOTS", String(pool.spec.slotsPerAgent)),
            variable(
                "SWIFTLET_HEARTBEAT_SECONDS",
                String(min(pool.spec.agent.heartbeatSeconds, AgentPodBuilder.pollMax))),
            variable("SWIFTLET_DRAIN_SECONDS", String(drainSeconds)),
            field("SWIFTLET_POD_NAME", "metadata.name"),
            field("SWIFTLET_POD_NAMESPACE", "metadata.namespace"),
            field("SWIFTLET_POD_UID", "metadata.uid"),
        ]
        if !settings.gatewayServerName.isEmpty {
            list.append(variable("SWIFTLET_GATEWAY_SERVER_NAME", settings.gatewayServerName))
        }
        if !settings.gatewayCA.isEmpty {
            list.append(
                variable("SWIFTLET_GATEWAY_CA_FILE", Place.gateway + "/" + AuthorityView.key))
        }
        if pool.spec.persona?.key != nil {
            list.append(variable("SWIFTLET_PERSONA", Place.persona + "/persona.md"))
        }
        return list
    }

    /// Copies the runner into a folder that the agent's container has too, whatever its image.
    private var installer: JSONValue {
        .object(
            hardened([
                "name": "swiftlet-runner", "image": .string(settings.runnerImage),
                "command": ["swiftlet-agent", "install", .string(Place.programs)],
                "volumeMounts": [mount("swiftlet-bin", Place.programs)],
            ]))
    }

    private func mount(_ name: String, _ path: String, isReadOnly: Bool = false) -> JSONValue {
        var result: JSONObject = ["name": .string(name), "mountPath": .string(path)]
        if isReadOnly { result["readOnly"] = true }
        return .object(result)
    }

    // MARK: - Volumes

    private func volumes(_ usesRunner: Bool) -> [JSONValue] {
        var sources: [JSONValue] = [
            [
                "serviceAccountToken": [
                    "audience": .string(settings.audience), "expirationSeconds": 3_600,
                    "path": "token",
                ]
            ]
        ]
        if !settings.gatewayCA.isEmpty {
            sources.append([
                "configMap": [
                    "name": .string(AgentPodTemplate.authorityName(of: pool.key)),
                    "items": [
                        ["key": .string(AuthorityView.key), "path": .string(AuthorityView.key)]
                    ],
                ]
            ])
        }
        var volumes: [JSONValue] = [
            ["name": "swiftlet-gateway", "projected": ["sources": .array(sources)]],
            ["name": "swiftlet-work", "emptyDir": [:]],
            ["name": "swiftlet-tmp", "emptyDir": [:]],
        ]
        if usesRunner { volumes.append(["name": "swiftlet-bin", "emptyDir": [:]]) }
        if let claim = pool.spec.workspace?.claimName {
            volumes.append([
                "name": "swiftlet-workspace",
                "persistentVolumeClaim": ["claimName": .string(claim)],
            ])
        }
        if let persona = pool.spec.persona {
            volumes.append([
                "name": "swiftlet-persona",
                "configMap": source(of: persona),
            ])
        }
        return volumes
    }

    /// One file under a name of ours, or all files under their own.
    private func source(of persona: BackgroundAgentPoolSpec.PersonaSource) -> JSONValue {
        var result: JSONValue = ["name": .string(persona.name)]
        if let key = persona.key {
            result["items"] = [["key": .string(key), "path": "persona.md"]]
        }
        return result
    }

    // MARK: - Security

    private func podSecurity(_ given: JSONValue?) -> JSONValue {
        var context = given?.object ?? JSONObject()
        let defaults: JSONObject = [
            "runAsNonRoot": true, "runAsUser": AgentPodBuilder.user,
            "runAsGroup": AgentPodBuilder.user, "fsGroup": AgentPodBuilder.user,
            "seccompProfile": ["type": "RuntimeDefault"],
        ]
        for (key, value) in defaults where context[key] == nil { context[key] = value }
        return .object(context)
    }

    /// A container with restricted rights and resources where it names none itself.
    private func hardened(_ given: JSONObject) -> JSONObject {
        var container = given
        var context = given["securityContext"]?.object ?? JSONObject()
        let defaults: JSONObject = [
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "runAsNonRoot": true, "capabilities": ["drop": ["ALL"]],
        ]
        for (key, value) in defaults where context[key] == nil { context[key] = value }
        container["securityContext"] = .object(context)
        let resources = given["resources"]?.object ?? JSONObject()
        if resources["requests"] == nil && resources["limits"] == nil {
            container["resources"] = [
                "requests": .strings(AgentPodBuilder.defaultRequests),
                "limits": .strings(AgentPodBuilder.defaultLimits),
            ]
        }
        return container
    }
}

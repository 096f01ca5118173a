import KubernetesCore
import Reconcilers

/// A node: a machine that runs pods, as long as it is there.
struct ModelNode: Sendable {
    let name: String
    /// Whether its kubelet talks to the server.
    var isUp = true
    var lostAt: SimulatedTime?

    init(name: String) { self.name = name }

    static func name(_ index: Int) -> String { "node-\(index)" }

    static let type = ResourceType(
        group: "", version: "v1", kind: "Node", plural: "nodes", scope: .cluster)

    /// The objects of so many nodes.
    static func objects(_ count: Int) -> [ModelObject] {
        (0..<count).map { index in
            ModelObject(
                [
                    "apiVersion": "v1", "kind": "Node",
                    "metadata": ["name": .string(name(index))],
                ], type)
        }
    }

    /// The write with which a node is made ready, or not.
    static func status(of index: Int, isReady: Bool) -> APIRequest {
        let room: JSONValue = [
            "cpu": "64", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110",
        ]
        let node = ObjectRef(type: type, namespace: "", name: name(index))
        return .mergePatch(
            node,
            [
                "status": [
                    "capacity": room, "allocatable": room,
                    "conditions": [
                        ["type": "Ready", "status": isReady ? "True" : "Unknown"]
                    ],
                ]
            ], subresource: "status")
    }
}

/// An object that a user or the simulation makes.
struct ModelObject: Sendable {
    var value: JSONValue
    let type: ResourceType

    /// Its name and namespace.
    var reference: ObjectRef {
        ObjectRef(
            type: type, namespace: value[path: ["metadata", "namespace"]]?.string ?? "",
            name: value[path: ["metadata", "name"]]?.string ?? "")
    }

    init(_ value: JSONValue, _ type: ResourceType) {
        self.value = value
        self.type = type
    }
}

/// A pod as its node knows it.
struct ModelPod: Sendable {
    enum Stage: Sendable, Equatable {
        /// Its images are fetched.
        case pulling(until: SimulatedTime)
        case running
        /// Its container has ended and is started anew.
        case waiting(until: SimulatedTime)
        /// It has ended for good.
        case ended
    }

    let key: Key<PodView>
    let uid: UID
    let node: Int
    let slots: Int
    var stage: Stage
    var starts = 0
    var startedAt = SimulatedTime.zero
    var isReady = false
    var readyAt: SimulatedTime?
    /// When its processes are killed, once its deletion was seen.
    var killAt: SimulatedTime?
    /// When it is evicted.
    var evictAt: SimulatedTime?
    var lastEnd: (reason: String, code: Int)?
    /// What is to be written of it.
    var mustReport = false
}

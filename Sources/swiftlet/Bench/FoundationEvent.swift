import FoundationEssentials
import KubernetesCore
import Reconcilers

/// The same event as most Swift clients would read it: `Codable` types and `JSONDecoder`, with the
/// same fields as `PodView`. It serves as the measure and for nothing else.
struct FoundationEvent: Decodable {
    let type: String
    let object: Pod

    struct Pod: Decodable {
        let metadata: Metadata
        let spec: Spec
        let status: Status
    }

    struct Metadata: Decodable {
        let name: String
        let namespace: String?
        let uid: String
        let resourceVersion: String
        let generation: Int?
        let creationTimestamp: Time
        let deletionTimestamp: Time?
        let deletionGracePeriodSeconds: Int?
        let finalizers: [String]?
        let labels: [String: String]?
        let annotations: [String: String]?
        let ownerReferences: [Owner]?
    }

    struct Owner: Decodable {
        let apiVersion: String
        let kind: String
        let name: String
        let uid: String
        let controller: Bool?
    }

    struct Spec: Decodable {
        let nodeName: String?
        let serviceAccountName: String?
        let containers: [Container]
    }

    struct Container: Decodable {
        let resources: Resources?
    }

    struct Resources: Decodable {
        let requests: [String: String]?
    }

    struct Status: Decodable {
        let phase: String
        let reason: String?
        let message: String?
        let conditions: [Condition]?
        let initContainerStatuses: [ContainerStatus]?
        let containerStatuses: [ContainerStatus]?
    }

    struct Condition: Decodable {
        let type: String
        let status: String
        let reason: String?
        let message: String?
        let lastTransitionTime: Time?
    }

    struct ContainerStatus: Decodable {
        let name: String
        let ready: Bool
        let restartCount: Int
        let state: State?
    }

    struct State: Decodable {
        let running: Running?
    }

    struct Running: Decodable {
        let startedAt: Time?
    }

    /// A time that is read as `PodView` reads it.
    struct Time: Decodable {
        let value: Timestamp?

        init(from decoder: any Decoder) throws {
            value = Timestamp(try decoder.singleValueContainer().decode(String.self))
        }
    }
}

extension FoundationEvent.Pod {
    /// Whether this says the same as what the operator reads.
    func isSame(as pod: PodView) -> Bool {
        metadata.name == pod.metadata.name && metadata.uid == pod.metadata.uid.text
            && metadata.labels == pod.metadata.labels
            && metadata.annotations == pod.metadata.annotations
            && metadata.creationTimestamp.value == pod.metadata.creationTime
            && metadata.ownerReferences?.map(\.uid) == pod.metadata.owners.map(\.uid.text)
            && spec.nodeName == pod.node && status.phase == pod.phase.rawValue
            && spec.containers.compactMap(\.resources?.requests) == pod.requests
            && (status.conditions?.contains { $0.type == "Ready" && $0.status == "True" } ?? false)
                == pod.isReady
            && status.containerStatuses?.map(\.restartCount) == pod.containers.map(\.restartCount)
    }
}

import ControlLoop
import GadgetTesting
import KubernetesCore
import KubernetesRuntime
import Logging

/// Something that only this process knows.
struct Rumour: ClusterObject, Equatable {
    static let type = ResourceType(
        group: "local.test", version: "v1", kind: "Rumour", plural: "rumours")
    var metadata: ObjectMeta
    var text: String
}

enum Fixture {
    static let gadgets = "/apis/test.dev/v1/namespaces/ns/gadgets/"
    static let parts = "/apis/test.dev/v1/namespaces/ns/parts/"
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static let access = Access(
        reads: [Gadget.type, Part.type],
        writes: [
            .create(Part.type), .delete(Part.type), .patch(Part.type), .status(Gadget.type),
        ])

    static func gadget(_ name: String, parts: Int) -> JSONValue {
        [
            "metadata": ["name": .string(name), "namespace": "ns", "uid": .string("uid-" + name)],
            "spec": ["parts": .int(parts)],
        ]
    }

    static func part(_ name: String, owner: String?) -> JSONValue {
        var object: JSONValue = ["metadata": ["name": .string(name), "namespace": "ns"]]
        if let owner {
            object[path: ["metadata", "ownerReferences"]] = [
                OwnerReference(
                    apiVersion: "test.dev/v1", kind: "Gadget", name: owner,
                    uid: UID("uid-" + owner)
                ).json
            ]
        }
        return object
    }

    static func partRef(_ name: String, uid: String? = nil) -> ObjectRef {
        ObjectRef(type: Part.type, namespace: "ns", name: name, uid: uid.map { UID($0) })
    }

    static let root = ObjectRef(
        type: Gadget.type, namespace: "ns", name: "a", uid: UID("uid-a"))

    static func status(_ code: Int, _ reason: String, after: Duration? = nil) -> FakeServer.Fault {
        .refuse(APIStatus(code: code, reason: reason, message: "no", retryAfter: after))
    }
}

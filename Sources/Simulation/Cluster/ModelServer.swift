import APIServerModel
import KubernetesCore
import SwiftletAPI

/// The server that runs begin with. Compiling the schemas takes longer than a whole run, so that
/// it is done once; a copy costs nothing.
enum ModelServer {
    private static let kinds: [ResourceType] = [
        ResourceType(
            group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition",
            plural: "customresourcedefinitions", scope: .cluster),
        ResourceType(
            group: "", version: "v1", kind: "Namespace", plural: "namespaces", scope: .cluster),
        ResourceType(
            group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass",
            plural: "priorityclasses", scope: .cluster),
    ]

    private static let template: APIServer = {
        var configuration = APIServerConfiguration()
        configuration.startTime = SimulatedClock.epoch
        var server = APIServer(configuration: configuration)
        let objects =
            CustomResourceDefinitions.all + [
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": "swiftlet-system"],
                ],
                [
                    "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
                    "metadata": ["name": .string(SwiftletNames.PriorityClass.background)],
                    "value": -1000, "preemptionPolicy": "Never",
                ],
            ]
        for object in objects {
            guard let kind = kinds.first(where: { $0.kind == object["kind"]?.string }) else {
                continue
            }
            let request = APIRequest.create(object, of: kind).http
            let reply = server.handle(
                ServerRequest(request, as: .administrator), at: SimulatedClock.epoch)
            guard case .response(201, _, _) = reply else {
                preconditionFailure("the model server refuses \(kind.kind)")
            }
        }
        _ = server.tick(at: SimulatedClock.epoch)
        _ = server.takeFrames()
        return server
    }()

    /// A server with our kinds whose identifiers are those of `seed`.
    static func started(seed: UInt64, historyMax: Int) -> APIServer {
        template.reseeded(seed, historyMax: historyMax)
    }
}

extension ServerRequest {
    /// A request as the server gets it.
    init(_ request: HTTPRequest, as user: UserIdentity) {
        self.init(
            method: request.method.rawValue, path: request.target,
            headers: request.fields.fields.map { ($0.name.lowercased(), $0.value) },
            body: request.body, clientIdentity: user)
    }
}

import APIServerModel
import KubernetesCore

/// The API as the node sees it: the same requests that a kubelet sends, without a socket between.
struct InProcessAPI: Sendable {
    let host: APIServerHost
    let identity: UserIdentity

    init(host: APIServerHost, identity: UserIdentity = .administrator) {
        self.host = host
        self.identity = identity
    }

    /// Creates an object of a kind that a cluster starts with, where it is not there. What is there
    /// stays as it is; but definitions and the rules of roles follow the program that brings them.
    func ensure(_ object: JSONValue) async throws {
        let path = try Self.path(object)
        do {
            try await send("POST", path, body: object)
        } catch LocalClusterError.refused(_, status: 409, _) {
            let members = [
                "CustomResourceDefinition": "spec", "ClusterRole": "rules", "Role": "rules",
            ]
            guard let member = members[object["kind"]?.string ?? ""],
                let name = object["metadata"]?["name"]?.string, let value = object[member]
            else { return }
            try await send(
                "PATCH", path + "/" + name, body: .object([member: value]),
                contentType: "application/merge-patch+json")
        }
    }

    /// Where objects of this one's kind are created.
    private static func path(_ object: JSONValue) throws -> String {
        let apiVersion = object["apiVersion"]?.string ?? ""
        let kind = object["kind"]?.string ?? ""
        let plurals = [
            "CustomResourceDefinition": "customresourcedefinitions", "Namespace": "namespaces",
            "PriorityClass": "priorityclasses", "ServiceAccount": "serviceaccounts",
            "ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings",
            "Role": "roles", "RoleBinding": "rolebindings",
            "Node": "nodes", "ConfigMap": "configmaps", "Secret": "secrets",
        ]
        guard let plural = plurals[kind] else {
            throw LocalClusterError.refused(
                "create \(kind)", status: 0, message: "not a kind that a cluster starts with")
        }
        let root = apiVersion.contains("/") ? "/apis/" : "/api/"
        let namespace = object["metadata"]?["namespace"]?.string.map { "/namespaces/\($0)" } ?? ""
        return root + apiVersion + namespace + "/" + plural
    }

    /// Sends one request and returns the answer's body; throws where the status is no success.
    @discardableResult
    func send(
        _ method: String, _ path: String, body: JSONValue? = nil,
        contentType: String = "application/json"
    ) async throws -> JSONValue {
        let answer = await host.answer(
            ServerRequest(
                method: method, path: path,
                headers: [("content-type", contentType), ("accept", "application/json")],
                body: body?.encoded() ?? [], clientIdentity: identity))
        guard case .whole(let status, _, let bytes) = answer else {
            throw LocalClusterError.refused(
                "\(method) \(path)", status: 0, message: "a stream where an object was expected")
        }
        let value = try JSONValue(parsing: bytes)
        guard (200..<300).contains(status) else {
            throw LocalClusterError.refused(
                "\(method) \(path)", status: status, message: value["message"]?.string ?? "")
        }
        return value
    }

    /// Opens a watch.
    func watch(_ path: String) async throws -> (FrameChannel, WatchID) {
        let answer = await host.answer(
            ServerRequest(
                method: "GET", path: path, headers: [("accept", "application/json")],
                clientIdentity: identity))
        guard case .stream(_, let channel, let watch) = answer else {
            throw LocalClusterError.refused(
                "GET \(path)", status: 0, message: "no watch was opened")
        }
        return (channel, watch)
    }
}

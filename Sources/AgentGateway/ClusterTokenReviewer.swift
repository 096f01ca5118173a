public import KubernetesClient
import KubernetesCore

/// Asks the API server by `TokenReview` (authentication.k8s.io/v1), with the gateway's audience.
///
/// A review counts only if the answer names that audience: a server that does not know audiences
/// answers without, and then the token was good for the API server and not for the gateway. The pod
/// comes from the token's own claims, which the kubelet's projected tokens carry; tokens of people
/// and of programs outside have none.
public struct ClusterTokenReviewer: TokenReviewing {
    private let client: KubernetesClient
    private let audience: String

    /// A reviewer for tokens made for `audience`, which must not be empty.
    public init(client: KubernetesClient, audience: String) {
        precondition(!audience.isEmpty, "tokens without an audience are for the API server")
        self.client = client
        self.audience = audience
    }

    /// Whose token this is.
    public func review(_ token: String) async throws(TokenReviewFailure) -> CallerIdentity? {
        let body: JSONValue = [
            "apiVersion": .string(ResourceType.tokenReview.apiVersion),
            "kind": .string(ResourceType.tokenReview.kind),
            "spec": ["token": .string(token), "audiences": [.string(audience)]],
        ]
        do throws(APIError) {
            let answer = try await client.perform(
                .create(body, of: .tokenReview), within: .seconds(5))
            return Self.caller(in: answer.root, audience: audience)
        } catch {
            throw TokenReviewFailure("the token could not be reviewed: \(error)")
        }
    }

    /// Reads the status of a review; whatever is missing or odd means that nobody is vouched for.
    static func caller(in review: JSONNode, audience: String) -> CallerIdentity? {
        guard let user = user(of: review, audience), let name = try? user["username"]?.string(),
            !name.isEmpty, let groups = try? user["groups"]?.strings() ?? []
        else { return nil }
        var extra: [String: [String]] = [:]
        for (key, values) in user["extra"]?.members ?? [] {
            guard let texts = try? values.strings() else { return nil }
            extra[key] = texts
        }
        return CallerIdentity(
            user: name, uid: (try? user["uid"]?.string()) ?? "", groups: groups, extra: extra,
            agent: identity(in: review, audience: audience))
    }

    private static func user(of review: JSONNode, _ audience: String) -> JSONNode? {
        guard let status = review["status"], (try? status["authenticated"]?.bool()) == true,
            let audiences = try? status["audiences"]?.strings(), audiences.contains(audience)
        else { return nil }
        return status["user"]
    }

    /// The pod that a review's token is bound to; nil where it is bound to none.
    static func identity(in review: JSONNode, audience: String) -> AgentIdentity? {
        guard let user = user(of: review, audience), let name = try? user["username"]?.string(),
            let extra = user["extra"],
            let pod = one(extra, "authentication.kubernetes.io/pod-name"),
            let uid = one(extra, "authentication.kubernetes.io/pod-uid")
        else { return nil }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
            !parts[2].isEmpty
        else { return nil }
        return AgentIdentity(namespace: String(parts[2]), pod: pod, podUID: UID(uid))
    }

    private static func one(_ extra: JSONNode, _ key: StaticString) -> String? {
        guard let values = try? extra[key]?.strings(), values.count == 1, let value = values.first,
            !value.isEmpty
        else { return nil }
        return value
    }
}

public import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// Asks the API server by `SubjectAccessReview` (authorization.k8s.io/v1).
public struct ClusterAccessReviewer: AccessReviewing {
    private let client: KubernetesClient

    /// A reviewer that asks through `client`.
    public init(client: KubernetesClient) { self.client = client }

    /// Whether the caller may do this.
    public func allows(
        _ caller: CallerIdentity, _ question: AccessQuestion
    ) async throws(AccessReviewFailure) -> Bool {
        do throws(APIError) {
            let answer = try await client.perform(
                .create(Self.review(caller, question), of: .subjectAccessReview),
                within: .seconds(5))
            return Self.isAllowed(answer.root)
        } catch {
            throw AccessReviewFailure("the caller's rights could not be reviewed: \(error)")
        }
    }

    /// Whether a review says yes. Whatever is missing or odd in it means no.
    static func isAllowed(_ review: JSONNode) -> Bool {
        do throws(JSONError) {
            let status = review["status"]
            let isAllowed = try status?["allowed"]?.bool() ?? false
            let isDenied = try status?["denied"]?.bool() ?? false
            return isAllowed && !isDenied
        } catch {
            return false
        }
    }

    /// The question as an object.
    static func review(_ caller: CallerIdentity, _ question: AccessQuestion) -> JSONValue {
        var spec: JSONValue = [
            "user": .string(caller.user), "groups": .strings(caller.groups),
            "resourceAttributes": [
                "namespace": .string(question.namespace), "verb": .string(question.verb),
                "group": .string(question.type.group), "version": .string(question.type.version),
                "resource": .string(question.type.plural),
            ],
        ]
        if !caller.uid.isEmpty { spec["uid"] = .string(caller.uid) }
        if !caller.extra.isEmpty {
            spec["extra"] = .object(
                JSONObject(caller.extra.map { ($0.key, JSONValue.strings($0.value)) }))
        }
        return [
            "apiVersion": .string(ResourceType.subjectAccessReview.apiVersion),
            "kind": .string(ResourceType.subjectAccessReview.kind), "spec": spec,
        ]
    }
}

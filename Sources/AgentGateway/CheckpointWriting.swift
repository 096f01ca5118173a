public import KubernetesCore

/// The writes of the gateway: Secrets with checkpoints, beside the tasks that own them.
///
/// All other writes of the operator are plans, carried out by the one applier. A checkpoint cannot
/// be one: it is large, it never enters the cache, and the agent waits for it to be durable. So its
/// writes come through this narrow door, which the composition root builds: it has to check that
/// this process still leads before each of them, as the applier does.
public protocol CheckpointWriting: Sendable {
    /// Reads one Secret; `nil` where there is none.
    func read(_ secret: Key<SecretView>) async throws(APIError) -> SecretView?
    /// Creates a Secret.
    func create(_ secret: JSONValue) async throws(APIError)
    /// Changes a Secret whose UID and version are still those of `secret`.
    func patch(_ secret: SecretView, _ patch: JSONValue) async throws(APIError)
}

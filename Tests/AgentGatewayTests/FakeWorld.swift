import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

@testable import AgentGateway

/// The operator around a gateway: a cache, a token reviewer and Secrets, in memory.
actor FakeWorld: AgentSessions, TokenReviewing, CheckpointWriting, SecretReading {
    private(set) var sessions: [AgentSession] = []
    private(set) var presences: [GatewayPresence] = []
    private(set) var reviews = 0
    private(set) var secrets: [Key<SecretView>: SecretView] = [:]
    private var tasks: [UID: BackgroundTask] = [:]
    private var pods: [PodView] = []
    private var tokens: [String: CallerIdentity] = [:]
    private var pools: [BackgroundAgentPool] = []
    private var leads = true
    private var reviewsFail = false
    private var version = 0
    private var onPublish: (@Sendable (AgentSession) async -> Void)?
    private var beforeWrite: (@Sendable () async -> Void)?
    private var beforeRead: (@Sendable () async -> Void)?

    static let token = "header.agent-a.signature"

    /// A world with the agent `shop/a` of a pool.
    init() {
        let pool = OwnerReference(
            apiVersion: BackgroundAgentPool.type.apiVersion, kind: BackgroundAgentPool.type.kind,
            name: "qa", uid: UID("pool-uid"))
        pods = ["a", "b"].map { name in
            PodView(
                metadata: ObjectMeta(
                    name: name, namespace: "shop", uid: UID("uid-" + name), owners: [pool]),
                phase: .running)
        }
        pods.append(
            PodView(
                metadata: ObjectMeta(name: "web", namespace: "shop", uid: UID("uid-web")),
                phase: .running))
        for name in ["a", "b", "web", "gone"] {
            tokens["header.agent-\(name).signature"] = CallerIdentity(
                agent: AgentIdentity(namespace: "shop", pod: name, podUID: UID("uid-" + name)))
        }
        tokens["header.successor.signature"] = CallerIdentity(
            agent: AgentIdentity(namespace: "shop", pod: "a", podUID: UID("uid-before")))
        for user in ["shop:builder", "shop:other", "far:stranger"] {
            tokens["header.\(user).signature"] = CallerIdentity(
                user: "system:serviceaccount:" + user)
        }
        tokens["header.jane.signature"] = CallerIdentity(user: "jane", groups: ["people"])
    }

    /// The attempt `attempt` of the task `name` runs on the agent; `nil` takes the lease away.
    @discardableResult
    func lease(
        _ name: String, attempt: Int = 1, to agent: String?,
        _ edit: @Sendable (inout BackgroundTask) -> Void = { _ in }
    ) -> Change<BackgroundTask>? {
        let uid = UID("task-" + name)
        let old = tasks[uid]
        var task =
            old
            ?? BackgroundTask(metadata: ObjectMeta(name: name, namespace: "shop", uid: uid))
        task.spec.command = ["true"]
        if let agent {
            task.status.phase = .running
            task.status.attempt = attempt
            task.status.agent = .init(name: agent, uid: UID("uid-" + agent))
        } else {
            task.status.attempts.append(
                .init(
                    number: task.status.attempt, agent: task.status.agent, startTime: nil,
                    completionTime: nil, outcome: .succeeded))
            task.status.phase = .succeeded
            task.status.agent = nil
        }
        edit(&task)
        tasks[uid] = task
        return Change(old: old, new: task)
    }

    func remove(_ name: String) { tasks[UID("task-" + name)] = nil }

    /// Puts a task into the cache.
    @discardableResult
    func put(_ task: BackgroundTask) -> Change<BackgroundTask>? {
        let old = tasks[task.metadata.uid]
        tasks[task.metadata.uid] = task
        return Change(old: old, new: task)
    }

    /// Puts a pool into the cache.
    func put(_ pool: BackgroundAgentPool) { pools.append(pool) }

    /// Gives a pod these IP addresses.
    func place(_ pod: String, at addresses: [String]) {
        for index in pods.indices where pods[index].metadata.name == pod {
            pods[index].addresses = addresses
        }
    }

    /// Makes a token nobody's.
    func revoke(_ token: String) { tokens[token] = nil }

    func setLeading(_ leads: Bool) { self.leads = leads }

    func failReviews(_ fail: Bool) { reviewsFail = fail }

    func put(_ secret: SecretView) { secrets[secret.key] = secret }

    func remove(_ secret: Key<SecretView>) { secrets[secret] = nil }

    func whenPublished(_ body: @escaping @Sendable (AgentSession) async -> Void) {
        onPublish = body
    }

    func beforeEachRead(_ body: (@Sendable () async -> Void)?) { beforeRead = body }

    func beforeEachWrite(_ body: (@Sendable () async -> Void)?) { beforeWrite = body }

    // MARK: - What the gateway asks

    func publish(_ session: AgentSession) async {
        sessions.append(session)
        await onPublish?(session)
    }

    func publish(_ presence: GatewayPresence) { presences.append(presence) }

    func view() -> ClusterView? {
        leads ? .of(tasks.values.map { $0 as any ClusterObject } + pods + pools) : nil
    }

    func review(_ token: String) throws(TokenReviewFailure) -> CallerIdentity? {
        reviews += 1
        if reviewsFail { throw TokenReviewFailure("the API server is away") }
        return tokens[token]
    }

    func read(_ secret: Key<SecretView>) async -> SecretView? {
        await beforeRead?()
        return secrets[secret]
    }

    func secret(_ name: String, in namespace: String) -> [String: [UInt8]]? {
        secrets[Key(namespace: namespace, name: name)]?.data
    }

    func create(_ secret: JSONValue) async throws(APIError) {
        await beforeWrite?()
        var secret = secret
        version += 1
        secret[path: ["metadata", "uid"]] = .string("secret-\(version)")
        secret[path: ["metadata", "resourceVersion"]] = .string(String(version))
        let view = try Self.read(secret)
        guard secrets[view.key] == nil else { throw Self.error(.alreadyExists) }
        secrets[view.key] = view
    }

    func patch(_ secret: SecretView, _ patch: JSONValue) async throws(APIError) {
        await beforeWrite?()
        guard let known = secrets[secret.key],
            known.metadata.resourceVersion == secret.metadata.resourceVersion
        else { throw Self.error(.conflict) }
        var changed = known
        version += 1
        changed.metadata.resourceVersion = ResourceVersion(String(version))
        for (key, value) in patch[path: ["metadata", "annotations"]]?.object ?? JSONObject() {
            changed.metadata.annotations[key] = value.string
        }
        var given = JSONObject()
        for (key, value) in patch["data"]?.object ?? JSONObject() {
            if value.isNull { changed.data[key] = nil } else { given[key] = value }
        }
        let data = try Self.read(["metadata": ["name": "x"], "data": .object(given)])
        changed.data.merge(data.data) { $1 }
        for (key, value) in patch["data"]?.object ?? JSONObject() where value.isNull {
            changed.data[key] = nil
        }
        secrets[secret.key] = changed
    }

    private static func read(_ secret: JSONValue) throws(APIError) -> SecretView {
        do throws(JSONError) {
            let document = try JSONDocument(parsing: secret.encoded())
            return try SecretView(reading: document.root)
        } catch {
            throw Self.error(.badRequest)
        }
    }

    private static func error(_ code: APIError.Code) -> APIError {
        APIError(code, RequestSummary(.update, "/api/v1/namespaces/shop/secrets/x"))
    }
}

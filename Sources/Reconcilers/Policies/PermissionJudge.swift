public import ControlLoop
public import KubernetesCore
import PolicyEngine
public import SwiftletAPI

/// Judges what attempts ask to be allowed, by the same policies that agents are judged by.
///
/// A permission is put to the policies as the creation of an object of kind `PermissionRequest`,
/// which no API server has: whoever writes a policy matches `swiftlet.dev/v1alpha1`,
/// `permissionrequests`. Policies that say nothing about it leave it to a person.
public struct PermissionJudge: Sendable {
    /// What policies say.
    public enum Verdict: Hashable, Sendable {
        /// One of them is about it and none is against it.
        case allow(policy: String)
        /// One that is enforced is against it, for this reason.
        case deny(policy: String, message: String)
        /// None is about it, or those that are against it only watch.
        case ask
    }

    /// What permissions are called in policies.
    public static let type = ResourceType(
        group: SwiftletNames.group, version: SwiftletNames.version, kind: "PermissionRequest",
        plural: "permissionrequests")

    private let options: PolicyMachine.Options
    private var library: PolicyLibrary?

    /// A judge that finds policies as `options` say.
    public init(options: PolicyMachine.Options) { self.options = options }

    /// What the policies of the cluster say about an action of the attempt that runs.
    public mutating func verdict(
        on action: String, reason: String, of task: BackgroundTask, in view: ClusterView,
        at now: Timestamp
    ) -> Verdict {
        let sources = PolicyLibrary.Sources(
            in: view, exceptionsFrom: options.exceptionNamespace, reading: options.text)
        let library: PolicyLibrary
        if let known = self.library, known.sources == sources {
            library = known
        } else {
            library = PolicyLibrary(sources)
            self.library = library
        }
        let namespace = view[Key<NamespaceView>(namespace: "", name: task.metadata.namespace)]
        let request = PolicyRequest(
            .create, Self.object(action, reason, task, in: view), of: Self.type,
            namespace: namespace.map(PolicyLookups.json) ?? .null, user: options.user)
        let lookups = PolicyLookups(view: view, planned: [])
        var surroundings = PolicySurroundings(
            now: now, seed: SeededGenerator.hash(task.metadata.uid.text)
        ) { lookups.answer($0) }
        surroundings.parseYAML = { [text = options.text] in text.document($0) }
        return Self.verdict(library.set.evaluate(request, surroundings))
    }

    /// What results come down to.
    static func verdict(_ results: [PolicyResult]) -> Verdict {
        if let against = results.first(where: \.forbids) {
            return .deny(policy: against.policy, message: against.message)
        }
        guard !results.contains(where: { $0.outcome == .fail || $0.outcome == .error }),
            let with = results.first(where: { $0.outcome == .pass })
        else { return .ask }
        return .allow(policy: with.policy)
    }

    /// The permission as an object that policies can look at.
    static func object(
        _ action: String, _ reason: String, _ task: BackgroundTask, in view: ClusterView
    ) -> JSONValue {
        var about: JSONObject = [
            "name": .string(task.metadata.name), "type": .string(task.spec.type),
            "attempt": .int(task.status.attempt),
            "labels": .strings(task.metadata.labels),
        ]
        about["pool"] = task.poolKey.map { .string($0.description) }
        about["agent"] = task.status.agent.map { .string($0.name) }
        return [
            "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
            "metadata": [
                "name": .string(task.metadata.name),
                "namespace": .string(task.metadata.namespace),
                "labels": .strings(task.metadata.labels),
            ],
            "spec": [
                "action": .string(action), "reason": .string(reason), "task": .object(about),
                "tenant": .string(TaskTenant.of(task, in: view)),
            ],
        ]
    }
}

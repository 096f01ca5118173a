public import KubernetesCore

/// A `coordination.k8s.io/v1` Lease as an election reads it.
public struct LeaseRecord: KubeObject, Hashable {
    /// The kind.
    public static var type: ResourceType { .lease }
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// Who holds the lease; empty where nobody does.
    public var holder: String
    /// For how long, in seconds; 0 where the record does not say.
    public var durationSeconds: Int
    /// When the holder last renewed it, as the holder wrote it. Compared only for being equal.
    public var renewTime: String
    /// When the holder took it, as the holder wrote it.
    public var acquireTime: String
    /// How often it has changed hands.
    public var transitions: Int

    /// A record by all its fields.
    public init(
        metadata: ObjectMeta, holder: String, durationSeconds: Int, renewTime: String,
        acquireTime: String, transitions: Int
    ) {
        self.metadata = metadata
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.renewTime = renewTime
        self.acquireTime = acquireTime
        self.transitions = transitions
    }

    /// Reads a Lease. What is missing or odd in the spec is left empty: a lease that somebody
    /// edited by hand must not end the election.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
        let spec = node["spec"]
        holder = (try? spec?["holderIdentity"]?.string()) ?? ""
        durationSeconds = max(0, (try? spec?["leaseDurationSeconds"]?.integer()) ?? 0)
        renewTime = (try? spec?["renewTime"]?.string()) ?? ""
        acquireTime = (try? spec?["acquireTime"]?.string()) ?? ""
        transitions = max(0, (try? spec?["leaseTransitions"]?.integer()) ?? 0)
    }
}

extension LeaseRecord {
    /// The record as a write left it, from what was written and what was there before.
    public init(
        after action: Action, on previous: LeaseRecord?, uid: UID?, version: ResourceVersion
    ) {
        let target = action.target
        let spec: JSONValue?
        let before: LeaseRecord?
        switch action {
        case .create(let object, _), .apply(let object, _):
            spec = object["spec"]
            before = nil
        case .patch(_, let patch, _, _):
            spec = patch["spec"]
            before = previous
        case .delete:
            spec = nil
            before = nil
        }
        self.init(
            metadata: ObjectMeta(
                name: target.name, namespace: target.namespace,
                uid: uid ?? target.uid ?? UID(""), resourceVersion: version),
            holder: spec?["holderIdentity"]?.string ?? before?.holder ?? "",
            durationSeconds: spec?["leaseDurationSeconds"]?.integer.map(Int.init(clamping:))
                ?? before?.durationSeconds ?? 0,
            renewTime: spec?["renewTime"]?.string ?? before?.renewTime ?? "",
            acquireTime: spec?["acquireTime"]?.string ?? before?.acquireTime ?? "",
            transitions: spec?["leaseTransitions"]?.integer.map(Int.init(clamping:))
                ?? before?.transitions ?? 0)
    }
}

public import KubernetesCore

/// What an agent should hold, in answer to one `SyncRequest`.
public struct SyncReply: Hashable, Sendable {
    /// A lease that the agent should hold.
    public struct Order: Hashable, Sendable {
        /// Which attempt.
        public var id: LeaseID
        /// What to run; absent where the agent has reported the lease and so knows it already.
        public var spec: LeaseSpec?
        /// What is wanted of it.
        public var desired: DesiredState

        /// An order for the attempt `id`.
        public init(_ id: LeaseID, spec: LeaseSpec?, desired: DesiredState = .run) {
            self.id = id
            self.spec = spec
            self.desired = desired
        }
    }

    /// A reported lease that is not, or no longer, the agent's.
    public struct Refusal: Hashable, Sendable {
        /// Which attempt.
        public var id: LeaseID
        /// Why, in words.
        public var reason: String

        /// A refusal of the attempt `id`.
        public init(_ id: LeaseID, reason: String) {
            self.id = id
            self.reason = reason
        }
    }

    /// The instance that asked.
    public var instance: String
    /// The sequence of the request that this answers.
    public var sequence: Int
    /// Every lease that the agent should hold, in ascending order. What it holds beyond is not its
    /// own any more: it stops it.
    public var leases: [Order]
    /// Finished reports that are durable; the agent may forget them.
    public var stored: [LeaseID]
    /// Reports that changed nothing because the lease is not the agent's.
    public var refused: [Refusal]
    /// How long the agent may wait before it calls again, in seconds; 0 asks for a long poll at
    /// once.
    public var nextSyncSeconds: Int

    /// A reply to `request`.
    public init(
        to request: SyncRequest, leases: [Order] = [], stored: [LeaseID] = [],
        refused: [Refusal] = [], nextSyncSeconds: Int = 0
    ) {
        instance = request.instance
        sequence = request.sequence
        self.leases = leases
        self.stored = stored
        self.refused = refused
        self.nextSyncSeconds = nextSyncSeconds
    }

    /// Parses the body of a reply.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var limits = JSONDocument.Limits()
        limits.bytesMax = ProtocolLimits.messageBytesMax * ProtocolLimits.slotsMax
        try self.init(reading: JSONDocument(parsing: bytes, limits: limits).root)
    }

    /// Reads a reply.
    public init(reading node: JSONNode) throws(JSONError) {
        instance = try node.required("instance").string(atMost: 64)
        sequence = try node.required("sequence").integer(in: 0...Int.max)
        leases = try node.required("leases").list(atMost: ProtocolLimits.leasesMax) {
            element throws(JSONError) in
            Order(
                try LeaseID(reading: element),
                spec: try element["spec"].map(LeaseSpec.init(reading:)),
                desired: try element.required("desired").choice(DesiredState.self))
        }
        stored =
            try node["stored"]?.list(atMost: ProtocolLimits.leasesMax) {
                element throws(JSONError) in
                try LeaseID(reading: element)
            } ?? []
        refused =
            try node["refused"]?.list(atMost: ProtocolLimits.leasesMax) {
                element throws(JSONError) in
                Refusal(
                    try LeaseID(reading: element),
                    reason: try element["reason"]?.string(
                        atMost: ProtocolLimits.messageTextBytesMax) ?? "")
            } ?? []
        nextSyncSeconds = try node["nextSyncSeconds"]?.integer(in: 0...3_600) ?? 0
    }

    /// This reply in JSON.
    public var json: JSONValue {
        [
            "instance": .string(instance), "sequence": .int(sequence),
            "leases": .array(
                leases.map { order in
                    var result = order.id.json
                    result["desired"] = .string(order.desired.rawValue)
                    result["spec"] = order.spec?.json
                    return result
                }),
            "stored": .array(stored.map(\.json)),
            "refused": .array(
                refused.map { refusal in
                    var result = refusal.id.json
                    result["reason"] = .string(
                        refusal.reason.cut(to: ProtocolLimits.messageTextBytesMax))
                    return result
                }),
            "nextSyncSeconds": .int(nextSyncSeconds),
        ]
    }

    /// Whether this reply tells the agent anything that its request does not already show it knows.
    /// A long poll waits for as long as it does not.
    public func isNews(for request: SyncRequest) -> Bool {
        if !stored.isEmpty || !refused.isEmpty { return true }
        var known: [LeaseID: DesiredState] = [:]
        for report in request.reports { known[report.id] = report.desired }
        return leases.count != known.count || leases.contains { known[$0.id] != $0.desired }
    }

    /// This reply without the specs of leases that the request reports: the agent has them.
    public func withoutKnownSpecs(for request: SyncRequest) -> SyncReply {
        let known = Set(request.reports.map(\.id))
        var result = self
        for index in result.leases.indices where known.contains(result.leases[index].id) {
            result.leases[index].spec = nil
        }
        return result
    }
}

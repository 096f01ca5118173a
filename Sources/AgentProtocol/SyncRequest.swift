public import KubernetesCore

/// What an agent says about itself in one call of `POST /v1/sync`.
///
/// It always says everything, so that any call can be lost, repeated or overtaken by another.
public struct SyncRequest: Hashable, Sendable {
    /// What an agent uses of its machine.
    public struct Usage: Hashable, Sendable {
        /// Processor time, in thousandths of a core.
        public var cpuMillis: Int
        /// Memory in bytes.
        public var memoryBytes: Int
        /// What the folders of its attempts take on disk, in bytes; `nil` where it cannot tell.
        public var diskBytes: Int?

        /// A usage of these amounts.
        public init(cpuMillis: Int, memoryBytes: Int, diskBytes: Int? = nil) {
            self.cpuMillis = cpuMillis
            self.memoryBytes = memoryBytes
            self.diskBytes = diskBytes
        }

        init(reading node: JSONNode) throws(JSONError) {
            cpuMillis = try node.required("cpuMillis").integer(in: 0...Usage.amountMax)
            memoryBytes = try node.required("memoryBytes").integer(in: 0...Usage.amountMax)
            diskBytes = try node["diskBytes"]?.integer(in: 0...Usage.amountMax)
        }

        /// More than any machine has, and few enough to be added up for every agent there is.
        static let amountMax = 1 << 50

        var json: JSONValue {
            var result: JSONValue = [
                "cpuMillis": .int(min(cpuMillis, Usage.amountMax)),
                "memoryBytes": .int(min(memoryBytes, Usage.amountMax)),
            ]
            if let diskBytes { result["diskBytes"] = .int(min(diskBytes, Usage.amountMax)) }
            return result
        }
    }

    /// The namespace of the agent's pod.
    public var namespace: String
    /// The name of the agent's pod.
    public var pod: String
    /// Chosen at random by each start of the runner, so that a restart is seen.
    public var instance: String
    /// Rises with each request of one instance. Replies echo it: a reply to any but the latest
    /// request is not believed.
    public var sequence: Int
    /// How many attempts the agent runs at once.
    public var slots: Int
    /// Whether the agent takes no more work because it is about to end.
    public var draining: Bool
    /// How long the agent waits for news before it wants an answer in any case, in seconds; 0 asks
    /// for an answer at once.
    public var waitSeconds: Int
    /// What it uses; `nil` where it cannot tell.
    public var usage: Usage?
    /// One report for each lease it holds, in ascending order.
    public var reports: [LeaseReport]

    /// A request by all its fields.
    public init(
        namespace: String, pod: String, instance: String, sequence: Int, slots: Int,
        draining: Bool = false, waitSeconds: Int = 20, usage: Usage? = nil,
        reports: [LeaseReport] = []
    ) {
        self.namespace = namespace
        self.pod = pod
        self.instance = instance
        self.sequence = sequence
        self.slots = slots
        self.draining = draining
        self.waitSeconds = waitSeconds
        self.usage = usage
        self.reports = reports
    }

    /// Parses the body of a request; refuses what exceeds `ProtocolLimits`.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var limits = JSONDocument.Limits()
        limits.bytesMax = ProtocolLimits.messageBytesMax
        limits.depthMax = 64
        limits.refusesDuplicateKeys = true
        try self.init(reading: JSONDocument(parsing: bytes, limits: limits).root)
    }

    /// Reads a request.
    public init(reading node: JSONNode) throws(JSONError) {
        namespace = try node.required("namespace").string(atMost: 253)
        pod = try node.required("pod").string(atMost: 253)
        instance = try node.required("instance").string(atMost: 64)
        sequence = try node.required("sequence").integer(in: 0...Int.max)
        slots = try node.required("slots").integer(in: 1...ProtocolLimits.slotsMax)
        draining = try node["draining"]?.bool() ?? false
        waitSeconds = try node["waitSeconds"]?.integer(in: 0...300) ?? 0
        if let usage = node["usage"] {
            self.usage = try Usage(reading: usage)
        } else {
            usage = nil
        }
        reports =
            try node["reports"]?.list(atMost: ProtocolLimits.leasesMax) {
                element throws(JSONError) in
                try LeaseReport(reading: element)
            } ?? []
        var seen: Set<LeaseID> = []
        for report in reports where !seen.insert(report.id).inserted {
            throw JSONError(
                .duplicateKey, at: "reports", "the lease \(report.id) is reported twice")
        }
    }

    /// This request in JSON.
    public var json: JSONValue {
        var result: JSONValue = [
            "namespace": .string(namespace), "pod": .string(pod), "instance": .string(instance),
            "sequence": .int(sequence), "slots": .int(slots), "draining": .bool(draining),
            "waitSeconds": .int(waitSeconds),
            "reports": .array(reports.map(\.json)),
        ]
        if let usage { result["usage"] = usage.json }
        return result
    }
}

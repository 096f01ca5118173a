public import KubernetesCore

/// One aspect of an object's state, as `metav1.Condition` has it.
public struct Condition: Hashable, Sendable {
    /// Whether the aspect holds.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case yes = "True"
        case no = "False"
        case unknown = "Unknown"

        /// `yes` for true, `no` for false.
        public init(_ flag: Bool) { self = flag ? .yes : .no }
    }

    /// The aspect, as in `Ready`.
    public let type: String
    /// Whether it holds.
    public var status: Status
    /// Why, in one CamelCase word for programs.
    public var reason: String
    /// Why, in a sentence for people.
    public var message: String
    /// When `status` last changed, to the second.
    public var lastTransitionTime: Timestamp
    /// The generation of the spec that this was said about.
    public var observedGeneration: Int

    /// A condition by all its fields.
    public init(
        type: String, status: Status, reason: String, message: String,
        lastTransitionTime: Timestamp, observedGeneration: Int
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = Timestamp(seconds: lastTransitionTime.seconds)
        self.observedGeneration = observedGeneration
    }

    /// Reads an element of `status.conditions`; an unknown status word counts as `unknown`.
    public init(reading node: JSONNode) throws(JSONError) {
        let status = Status(rawValue: try node.required("status").string()) ?? .unknown
        self.init(
            type: try node.required("type").string(), status: status,
            reason: try node["reason"]?.string() ?? "",
            message: try node["message"]?.string() ?? "",
            lastTransitionTime: try node["lastTransitionTime"]?.timestamp()
                ?? Timestamp(nanoseconds: 0),
            observedGeneration: try node["observedGeneration"]?.integer() ?? 0)
    }

    /// This condition as an element of `status.conditions`.
    public var json: JSONValue {
        [
            "type": .string(type), "status": .string(status.rawValue),
            "reason": .string(reason), "message": .string(message),
            "lastTransitionTime": .string(lastTransitionTime.description),
            "observedGeneration": .int(observedGeneration),
        ]
    }
}

extension [Condition] {
    /// The condition of `type`.
    public subscript(_ type: String) -> Condition? { first { $0.type == type } }

    /// Whether the condition of `type` is there and holds.
    public func holds(_ type: String) -> Bool { self[type]?.status == .yes }

    /// States a condition. Its transition time moves only when its status does; the message is cut
    /// at 1024 characters, because a status must stay small whatever a message quotes.
    public mutating func set(
        _ type: String, _ status: Condition.Status, reason: String, message: String,
        at time: Timestamp, generation: Int
    ) {
        let short = message.count > 1_024 ? message.prefix(1_023) + "…" : message[...]
        var condition = Condition(
            type: type, status: status, reason: reason, message: String(short),
            lastTransitionTime: time, observedGeneration: generation)
        guard let index = firstIndex(where: { $0.type == type }) else {
            append(condition)
            return
        }
        if self[index].status == status {
            condition.lastTransitionTime = self[index].lastTransitionTime
        }
        self[index] = condition
    }

    /// Takes the condition of `type` away.
    public mutating func remove(_ type: String) { removeAll { $0.type == type } }

    /// Reads `status.conditions`.
    init(reading status: JSONNode?) throws(JSONError) {
        self = []
        for node in try status.list("conditions") { append(try Condition(reading: node)) }
    }
}

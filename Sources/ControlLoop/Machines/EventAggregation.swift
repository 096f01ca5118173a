import HashTreeCollections
public import KubernetesCore

/// Turns notes into writes of Kubernetes Events: the same note is counted instead of written again,
/// many alike become one, and no object and no storm can use up the API server.
public struct EventAggregation: Sendable {
    /// How much is written and remembered.
    public struct Limits: Sendable, Equatable {
        /// Most notes that are remembered for counting.
        public var remembered = 4_096
        /// For how long a note is remembered after it was last heard.
        public var memory: Duration = .seconds(600)
        /// How many different messages of one reason about one object are told one by one; further
        /// ones are counted together.
        public var alikeMax = 10
        /// Most events about one object at once.
        public var objectBurst = 25
        /// How long it takes until one more event about one object may be written.
        public var objectRefill: Duration = .seconds(300)
        /// Most writes at once.
        public var burst = 50
        /// How long it takes until one more write may be made.
        public var refill: Duration = .milliseconds(100)
        /// The shortest time between two writes of the same count.
        public var countInterval: Duration = .seconds(10)
        /// Most bytes of a message.
        public var messageBytesMax = 1_024

        /// The defaults.
        public init() {}
    }

    /// What is wanted: a write, and the key under which its end is reported.
    public struct Command: Sendable, Equatable {
        /// Names the event inside the aggregation.
        public let id: String
        /// The write.
        public let action: Action
    }

    private struct Identity: Hashable {
        let about: ObjectRef
        let kind: Note.Kind
        let reason: String
        let message: String
    }

    private struct Told: Sendable {
        var note: Note
        var first: Timestamp
        var last: Timestamp
        var heardAt: Instant
        var count = 1
        var writtenCount = 0
        var writtenAt: Instant?
        var event: ObjectRef
        var isStored = false
    }

    private struct Bucket: Sendable {
        var tokens: Double
        var filledAt: Instant

        /// Takes one token where there is one; one comes back every `refill`.
        mutating func take(_ now: Instant, _ burst: Int, _ refill: Duration) -> Bool {
            let gained = max(0, (now - filledAt).inSeconds) / max(0.001, refill.inSeconds)
            tokens = min(Double(burst), tokens + gained)
            filledAt = now
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }

    private let limits: Limits
    private let component: String
    private let instance: String
    private let seed: UInt64
    private var told: TreeDictionary<String, Told> = [:]
    private var alike: [String: (messages: Set<UInt64>, heardAt: Instant)] = [:]
    private var objects: [ObjectRef: Bucket] = [:]
    private var all: Bucket?
    private var due: Set<String> = []
    /// How many notes were not written because of a limit.
    public private(set) var dropped = 0

    /// - Parameters:
    ///   - component: who reports, as in `swiftlet`.
    ///   - instance: which process of it.
    ///   - seed: makes the names of this process's events different from those of another.
    public init(
        component: String, instance: String, seed: UInt64, limits: Limits = Limits()
    ) {
        self.component = component
        self.instance = instance
        self.seed = seed
        self.limits = limits
    }

    /// Takes a note in and returns the write it leads to at once, if any.
    public mutating func add(_ note: Note, at now: Moment) -> [Command] {
        forget(now.instant)
        let note = combined(note, now.instant)
        let id = identity(of: note)
        if var known = told[id] {
            known.count += 1
            known.last = now.time
            known.heardAt = now.instant
            told[id] = known
            due.insert(id)
            return flush(now)
        }
        guard told.count < limits.remembered, spend(note.about, now.instant) else {
            dropped += 1
            return []
        }
        let object = ObjectRef(
            type: .event,
            namespace: note.about.namespace.isEmpty ? "default" : note.about.namespace,
            name: name(note, id))
        told[id] = Told(
            note: note, first: now.time, last: now.time, heardAt: now.instant, event: object)
        due.insert(id)
        return flush(now)
    }

    /// Returns the writes of counts that have stood long enough.
    public mutating func flush(_ now: Moment) -> [Command] {
        var commands: [Command] = []
        for id in due.sorted() {
            guard var known = told[id] else {
                due.remove(id)
                continue
            }
            if let writtenAt = known.writtenAt,
                now.instant - writtenAt < limits.countInterval
            {
                continue
            }
            guard spend(now.instant) else { break }
            due.remove(id)
            known.writtenAt = now.instant
            known.writtenCount = known.count
            commands.append(Command(id: id, action: action(known)))
            told[id] = known
        }
        return commands
    }

    /// Tells how a write ended: after one that stored the event, later ones count it; where it is
    /// gone, the next one writes it anew.
    public mutating func finished(_ id: String, stored: ObjectRef?) {
        guard var known = told[id] else { return }
        known.isStored = stored != nil
        if let stored { known.event = stored }
        told[id] = known
    }

    /// When there is something to flush; nil where there is not.
    public func nextDeadline(_ now: Instant) -> Instant? {
        guard !due.isEmpty else { return nil }
        let times = due.compactMap { id -> Instant? in
            guard let known = told[id] else { return nil }
            return known.writtenAt.map { $0 + limits.countInterval } ?? now
        }
        return times.min().map { max($0, now + limits.refill) }
    }

    // MARK: - Limits

    /// A note whose reason has been told of its object with too many messages loses its own.
    private mutating func combined(_ note: Note, _ now: Instant) -> Note {
        let group = "\(note.about)/\(note.kind.rawValue)/\(note.reason)"
        let hash = SeededGenerator.hash(note.message)
        var seen = alike[group] ?? (messages: [], heardAt: now)
        seen.heardAt = now
        defer { if alike.count < limits.remembered || alike[group] != nil { alike[group] = seen } }
        if seen.messages.contains(hash) { return note }
        guard seen.messages.count >= limits.alikeMax else {
            seen.messages.insert(hash)
            return note
        }
        return Note(
            note.kind, reason: note.reason,
            message: "(combined from similar events) \(note.reason) about \(note.about)",
            about: note.about, annotations: note.annotations)
    }

    private mutating func spend(_ object: ObjectRef, _ now: Instant) -> Bool {
        var bucket = objects[object] ?? Bucket(tokens: Double(limits.objectBurst), filledAt: now)
        let isAllowed = bucket.take(now, limits.objectBurst, limits.objectRefill)
        if objects.count < limits.remembered || objects[object] != nil { objects[object] = bucket }
        return isAllowed
    }

    private mutating func spend(_ now: Instant) -> Bool {
        var bucket = all ?? Bucket(tokens: Double(limits.burst), filledAt: now)
        defer { all = bucket }
        return bucket.take(now, limits.burst, limits.refill)
    }

    /// Drops what has not been heard for long; only when there is much of it, as that costs O(n).
    private mutating func forget(_ now: Instant) {
        let full = limits.remembered
        guard told.count >= full || alike.count >= full || objects.count >= full else { return }
        let horizon = limits.memory
        told = told.filter { now - $0.value.heardAt < horizon || due.contains($0.key) }
        alike = alike.filter { now - $0.value.heardAt < horizon }
        objects = objects.filter { now - $0.value.filledAt < horizon }
    }

    // MARK: - Events

    private func identity(of note: Note) -> String {
        let uid = note.about.uid?.text ?? ""
        let text = "\(note.about)/\(uid)/\(note.kind.rawValue)/\(note.reason)/\(note.message)"
        return String(SeededGenerator.hash(text, seed: seed), radix: 16)
    }

    private func name(_ note: Note, _ id: String) -> String {
        note.about.name.prefix(200) + "." + id
    }

    private func action(_ known: Told) -> Action {
        guard !known.isStored else {
            return .patch(
                known.event,
                ["count": .int(known.count), "lastTimestamp": .string(known.last.description)])
        }
        let about = known.note.about
        var involved: JSONValue = [
            "apiVersion": .string(about.type.apiVersion), "kind": .string(about.type.kind),
            "name": .string(about.name),
        ]
        if !about.namespace.isEmpty { involved["namespace"] = .string(about.namespace) }
        if let uid = about.uid { involved["uid"] = .string(uid.text) }
        var metadata: JSONValue = [
            "name": .string(known.event.name), "namespace": .string(known.event.namespace),
        ]
        if !known.note.annotations.isEmpty {
            metadata["annotations"] = .strings(known.note.annotations)
        }
        return .create(
            [
                "apiVersion": "v1", "kind": "Event", "metadata": metadata,
                "involvedObject": involved, "reason": .string(known.note.reason),
                "message": .string(cut(known.note.message)),
                "type": .string(known.note.kind.rawValue), "count": .int(known.count),
                "firstTimestamp": .string(known.first.description),
                "lastTimestamp": .string(known.last.description),
                "source": ["component": .string(component)],
                "reportingComponent": .string(component), "reportingInstance": .string(instance),
            ], of: .event)
    }

    private func cut(_ message: String) -> String {
        guard message.utf8.count > limits.messageBytesMax else { return message }
        let bytes = message.utf8.prefix(max(0, limits.messageBytesMax - 3))
        var kept = String(decoding: bytes, as: UTF8.self)
        while kept.unicodeScalars.last == "\u{FFFD}" { kept.unicodeScalars.removeLast() }
        return kept + "…"
    }
}

import ControlLoop
public import KubernetesClient
import KubernetesCore
import Locking

/// Keeps the last decisions and requests of this process in memory, to be read when something went
/// wrong: which plan was made for which object, what became of it, and what the API server said
/// around that time. Names and verbs only, never contents; bounded whatever happens.
public final class FlightRecorder: Sendable {
    private struct Entry: Sendable {
        let time: Timestamp
        let value: JSONValue
    }

    private struct Ring: Sendable {
        var entries: [Entry] = []
        /// Where the next entry goes once the ring is full: the place of the oldest.
        var next = 0
        var dropped = 0
    }

    /// Most actions of one plan that are named.
    private static let actionsMax = 16
    /// Most bytes of a text.
    private static let textBytesMax = 512

    private let ring = Mutex(Ring())
    private let time: any TimeSource

    /// Most entries that are kept.
    public let capacity: Int

    /// A recorder that keeps the last `capacity` entries, at about half a kilobyte each.
    public init(capacity: Int = 2_048, time: any TimeSource = SystemTime()) {
        self.capacity = max(1, capacity)
        self.time = time
    }

    /// Keeps a request of the client; give this to `KubernetesClient` as an observer.
    public func observe(_ report: RequestReport) {
        var value: JSONValue = [
            "event": "request", "verb": .string(report.request.verb.rawValue),
            "path": .string(FlightRecorder.cut(report.request.path)),
            "milliseconds": .double(FlightRecorder.milliseconds(report.duration)),
        ]
        if report.status > 0 { value["status"] = .int(report.status) }
        add(value)
    }

    /// Keeps a plan that has been carried out, and its outcome.
    func record(
        _ plan: Plan, for root: ObjectRef, by controller: String, id: String, _ outcome: Outcome,
        took: Duration
    ) {
        var actions = plan.actions.prefix(FlightRecorder.actionsMax).map { action in
            JSONValue.string("\(action.permission.verb.rawValue) \(action.target)")
        }
        let rest = plan.actions.count - actions.count
        if rest > 0 { actions.append(.string("and \(rest) more")) }
        var value: JSONValue = [
            "event": "plan", "controller": .string(controller), "reconcile_id": .string(id),
            "object": .string("\(root)"),
            "actions": .array(actions), "outcome": .string(FlightRecorder.words(outcome)),
            "written": .int(outcome.done.count),
            "milliseconds": .double(FlightRecorder.milliseconds(took)),
        ]
        if plan.status?.difference != nil { value["status"] = true }
        if let wake = plan.wake { value["wake"] = .string(wake.milliText) }
        add(value)
    }

    /// Keeps something else that is worth knowing afterwards, such as a change of leadership.
    public func note(_ what: String) {
        add(["event": "note", "text": .string(FlightRecorder.cut(what))])
    }

    /// Everything that is kept, oldest first: a JSON object a line, the last one of which says how
    /// many older ones have been dropped.
    public func text() -> String {
        let ring = ring.withLock { $0 }
        let ordered = ring.entries[ring.next...] + ring.entries[..<ring.next]
        var lines = ordered.map { entry in
            var value = entry.value
            value["time"] = .string(entry.time.microText)
            return value.text
        }
        lines.append(
            JSONValue.object(["event": "end", "dropped": .int(ring.dropped)]).text)
        return lines.map { $0 + "\n" }.joined()
    }

    private func add(_ value: JSONValue) {
        let entry = Entry(time: time.now.time, value: value)
        ring.withLock { ring in
            guard ring.entries.count >= capacity else {
                ring.entries.append(entry)
                return
            }
            ring.entries[ring.next] = entry
            ring.next = (ring.next + 1) % capacity
            ring.dropped += 1
        }
    }

    private static func words(_ outcome: Outcome) -> String {
        switch outcome {
        case .applied: "applied"
        case .stale(let object, _): cut("stale: \(object)")
        case .failed(let failure, _): cut("failed: \(failure)")
        case .deposed: "deposed"
        }
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        (duration.inSeconds * 1_000_000).rounded() / 1_000
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textBytesMax else { return text }
        return String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self) + "…"
    }
}

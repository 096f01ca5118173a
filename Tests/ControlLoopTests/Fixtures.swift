import ControlLoop
import KubernetesCore

extension Key {
    init(_ name: String) { self.init(namespace: "ns", name: name) }
}

extension Instant {
    static func at(_ seconds: Double) -> Instant {
        Instant(nanoseconds: Int64(seconds * 1e9))
    }
}

extension Moment {
    /// The steady clock starts at 0, the wall clock at 2026-01-01.
    static func at(_ seconds: Double) -> Moment {
        Moment(instant: .at(seconds), time: .at(seconds))
    }
}

extension Timestamp {
    static func at(_ seconds: Double) -> Timestamp {
        Timestamp(nanoseconds: 1_767_225_600_000_000_000 + Int64(seconds * 1e9))
    }
}

extension SeededGenerator {
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
    mutating func chance(_ share: Double) -> Bool { fraction() < share }
}

extension [MachineCommand] {
    var plans: [(plan: Plan, token: PlanToken, root: ObjectRef)] {
        compactMap {
            if case .apply(let plan, let token, let root) = $0 { (plan, token, root) } else { nil }
        }
    }
    var wake: Instant? {
        compactMap { if case .wake(let at) = $0 { at } else { nil } }.last
    }
}

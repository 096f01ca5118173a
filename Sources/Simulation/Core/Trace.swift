import ControlLoop

/// What happened in a run: a hash over everything, and the last lines, or all of them.
struct Trace: Sendable {
    /// Whether every line is kept.
    let keepsAll: Bool
    /// A hash over all lines: equal runs have equal ones.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How many steps there were.
    private(set) var steps = 0
    /// The lines that are kept, oldest first.
    private(set) var lines: [String] = []

    init(keepsAll: Bool) { self.keepsAll = keepsAll }

    /// Notes one step: what, and about whom.
    mutating func note(
        _ time: SimulatedTime, _ what: StaticString, _ about: String = "",
        _ detail: @autoclosure () -> String = ""
    ) {
        steps += 1
        mix(UInt64(bitPattern: time.nanoseconds))
        what.withUTF8Buffer { for byte in $0 { mixByte(byte) } }
        for byte in about.utf8 { mixByte(byte) }
        guard keepsAll else { return }
        let detail = detail()
        lines.append("\(time) \(what) \(about)" + (detail.isEmpty ? "" : " — \(detail)"))
    }

    private mutating func mixByte(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 29
    }
}

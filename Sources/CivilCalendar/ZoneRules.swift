/// How far the clocks of a place are from UTC, and when: a compiled file of the IANA time zone
/// database (RFC 9636) as a value. The bytes come from the edge; nothing is read here.
public struct ZoneRules: Hashable, Sendable {
    private struct Change: Hashable, Sendable {
        /// Seconds since 1970.
        let at: Int64
        /// Seconds east of UTC from then on.
        let offset: Int64
    }

    private let changes: [Change]
    /// Before the first change.
    private let first: Int64
    /// After the last change; nil where the last offset stays.
    private let rule: ZoneFooter?

    /// UTC: never a change.
    public static let utc = ZoneRules(changes: [], first: 0, rule: nil)

    /// Reads a TZif file; nil where the bytes are none, or hold more than files of the database do.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count <= 65_536, var reader = Header(bytes, at: 0) else { return nil }
        var width = 4
        if reader.version >= 2 {
            // The first block is for old programs; the second has 64-bit times.
            guard let second = Header(bytes, at: reader.end(width: 4)) else { return nil }
            reader = second
            width = 8
        }
        guard reader.end(width: width) <= bytes.count, reader.types > 0 else { return nil }
        var offsets: [Int64] = []
        for type in 0..<reader.types {
            offsets.append(Self.number(bytes, reader.typesAt(width) + type * 6, width: 4))
        }
        var changes: [Change] = []
        for index in 0..<reader.times {
            let at = Self.number(bytes, reader.body + index * width, width: width)
            let type = Int(bytes[reader.body + reader.times * width + index])
            guard type < offsets.count, changes.last.map({ $0.at < at }) ?? true else {
                return nil
            }
            changes.append(Change(at: at, offset: offsets[type]))
        }
        guard offsets.allSatisfy({ (-93_600...93_600).contains($0) }) else { return nil }
        let footer = width == 8 ? Self.footer(bytes, at: reader.end(width: width)) : ""
        guard let footer else { return nil }
        let rule = footer.isEmpty ? nil : ZoneFooter(footer)
        guard footer.isEmpty || rule != nil else { return nil }
        self.init(changes: changes, first: offsets[0], rule: rule)
    }

    /// A zone that a POSIX text such as `CET-1CEST,M3.5.0,M10.5.0/3` says all of; nil where the
    /// text is none.
    init?(posix text: String) {
        guard let rule = ZoneFooter(text) else { return nil }
        self.init(changes: [], first: rule.offset(at: 0), rule: rule)
    }

    private init(changes: [Change], first: Int64, rule: ZoneFooter?) {
        self.changes = changes
        self.first = first
        self.rule = rule
    }

    /// Seconds east of UTC at a time.
    public func offset(at time: Int64) -> Int64 {
        guard let last = changes.last else { return rule?.offset(at: time) ?? first }
        if time >= last.at { return rule?.offset(at: time) ?? last.offset }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= time { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : changes[low - 1].offset
    }

    /// When the clocks show what those of UTC show `local` seconds after 1970 began: the first time
    /// where they do twice, the moment at which they are set forward where they never do.
    public func time(whenClocksShow local: Int64) -> Int64 {
        // No zone changes twice within two days by more than a day.
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        if offset(at: local - before) == before { return local - before }
        if offset(at: local - after) == after { return local - after }
        // Skipped: find the change between the two readings.
        var low = min(local - before, local - after)
        var high = max(local - before, local - after)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }

    /// The text between the two line feeds after the second block; nil where there is none.
    private static func footer(_ bytes: [UInt8], at start: Int) -> String? {
        guard start < bytes.count, bytes[start] == 10,
            let end = bytes[(start + 1)...].firstIndex(of: 10), end - start <= 256
        else { return nil }
        return String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    }

    /// A big-endian number with a sign; the caller has checked that it is there.
    private static func number(_ bytes: [UInt8], _ at: Int, width: Int) -> Int64 {
        var number: UInt64 = 0
        for byte in bytes[at..<(at + width)] { number = number << 8 | UInt64(byte) }
        return width == 4
            ? Int64(Int32(truncatingIfNeeded: number)) : Int64(bitPattern: number)
    }

    /// The counts at the beginning of a block, and where its parts are.
    private struct Header {
        let version: Int
        let times: Int
        let types: Int
        /// Where the block's data begin.
        let body: Int
        private let characters: Int
        private let leaps: Int
        private let standards: Int
        private let universals: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard start >= 0, start + 44 <= bytes.count,
                bytes[start..<(start + 4)].elementsEqual([0x54, 0x5a, 0x69, 0x66])
            else { return nil }
            version = bytes[start + 4] == 0 ? 1 : 2
            func count(_ index: Int) -> Int {
                Int(
                    truncatingIfNeeded: ZoneRules.number(
                        bytes, start + 20 + index * 4, width: 4))
            }
            (universals, standards, leaps) = (count(0), count(1), count(2))
            (times, types, characters) = (count(3), count(4), count(5))
            body = start + 44
            guard
                [universals, standards, leaps, times, types, characters]
                    .allSatisfy({ (0...16_384).contains($0) })
            else { return nil }
        }

        func typesAt(_ width: Int) -> Int { body + times * (width + 1) }

        func end(width: Int) -> Int {
            typesAt(width) + types * 6 + characters + leaps * (width + 4) + standards + universals
        }
    }
}

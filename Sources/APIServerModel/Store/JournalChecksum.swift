/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of a frame: finds every flip of up to three bits and
/// every burst of up to 32 bits.
struct JournalChecksum {
    /// Eight tables, so that eight bytes are taken in one step.
    private static let tables: [[UInt32]] = {
        var first = [UInt32](repeating: 0, count: 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
            first[index] = value
        }
        var tables = [first]
        for _ in 1..<8 {
            let last = tables[tables.count - 1]
            tables.append(last.map { ($0 >> 8) ^ first[Int($0 & 0xFF)] })
        }
        return tables
    }()

    private var state: UInt32 = 0xFFFF_FFFF

    /// The checksum of all bytes so far.
    var value: UInt32 { state ^ 0xFFFF_FFFF }

    /// Takes in more bytes.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        let tables = Self.tables
        var state = state
        bytes.withUnsafeBufferPointer { bytes in
            var at = 0
            while bytes.count - at >= 8 {
                let low =
                    state
                    ^ (UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
                        | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24)
                state =
                    tables[7][Int(low & 0xFF)] ^ tables[6][Int((low >> 8) & 0xFF)]
                    ^ tables[5][Int((low >> 16) & 0xFF)] ^ tables[4][Int(low >> 24)]
                    ^ tables[3][Int(bytes[at + 4])] ^ tables[2][Int(bytes[at + 5])]
                    ^ tables[1][Int(bytes[at + 6])] ^ tables[0][Int(bytes[at + 7])]
                at += 8
            }
            while at < bytes.count {
                state = (state >> 8) ^ tables[0][Int((state ^ UInt32(bytes[at])) & 0xFF)]
                at += 1
            }
        }
        self.state = state
    }

    /// The checksum of `parts`, one behind the other.
    static func of(_ parts: ArraySlice<UInt8>...) -> UInt32 {
        var checksum = JournalChecksum()
        for part in parts { checksum.add(part) }
        return checksum.value
    }
}

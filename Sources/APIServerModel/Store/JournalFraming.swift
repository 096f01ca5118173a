/// How a journal lies in a file: frames one behind the other, each with a checksum over all of it.
///
/// A frame is `magic(4) length(4) sequence(8) checksum(4) payload(length)`, numbers with their low
/// byte first. What is synchronised at once is one frame, so that a write which was cut short
/// leaves nothing whole behind it: only the last frame can be torn without the file being damaged.
public enum JournalFraming {
    /// Bytes of a frame before its payload.
    public static let headBytes = 20

    private static let magic: [UInt8] = [0xD7, 0x53, 0x77, 0x4A]

    /// The frame around `payload`. Frames of one file count up by one.
    public static func frame(_ payload: [UInt8], sequence: UInt64) -> [UInt8] {
        precondition(payload.count <= Int(UInt32.max), "a frame is at most 4 GiB")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headBytes + payload.count)
        bytes += magic
        JournalBytes.append(UInt32(payload.count), to: &bytes)
        JournalBytes.append(sequence, to: &bytes)
        JournalBytes.append(JournalChecksum.of(bytes[...], payload[...]), to: &bytes)
        bytes += payload
        return bytes
    }

    /// Reads the frames of a file from its beginning. Never traps, whatever the bytes are.
    public static func scan(_ bytes: [UInt8]) -> JournalScan {
        var frames: [Range<Int>] = []
        var at = 0
        var first: UInt64?
        while at < bytes.count {
            let next: (payload: Range<Int>, sequence: UInt64)
            switch read(bytes, at) {
            case .success(let found): next = found
            case .failure(let fault):
                return JournalScan(
                    payloads: frames, firstSequence: first ?? 0, end: at,
                    ending: ending(bytes, at, fault))
            }
            let expected = first.map { $0 &+ UInt64(frames.count) } ?? next.sequence
            guard next.sequence == expected else {
                return JournalScan(
                    payloads: frames, firstSequence: first ?? 0, end: at,
                    ending: .damaged(
                        at: at,
                        why: "frame \(next.sequence) stands where frame \(expected) belongs"))
            }
            first = first ?? next.sequence
            frames.append(next.payload)
            at = next.payload.upperBound
        }
        return JournalScan(
            payloads: frames, firstSequence: first ?? 0, end: at, ending: .whole)
    }

    private struct Fault: Error {
        var why: String
    }

    /// What a frame that cannot be read means: the torn end of the last write where no whole frame
    /// comes after it, else damage.
    private static func ending(_ bytes: [UInt8], _ at: Int, _ fault: Fault) -> JournalScan.Ending {
        var next = at + 1
        while next <= bytes.count - headBytes {
            if bytes[next] == magic[0], case .success = read(bytes, next) {
                return .damaged(
                    at: at, why: "\(fault.why), and a whole frame follows at byte \(next)")
            }
            next += 1
        }
        return .torn(bytes: bytes.count - at, why: fault.why)
    }

    private static func read(
        _ bytes: [UInt8], _ at: Int
    ) -> Result<(payload: Range<Int>, sequence: UInt64), Fault> {
        let rest = bytes.count - at
        guard rest >= headBytes else {
            return .failure(Fault(why: "the head of a frame is cut off after \(rest) bytes"))
        }
        guard bytes[at..<at + 4].elementsEqual(magic) else {
            return .failure(Fault(why: "no frame begins there"))
        }
        let length = Int(JournalBytes.read32(bytes, at + 4))
        guard length <= rest - headBytes else {
            return .failure(
                Fault(why: "a frame of \(length) bytes is cut off after \(rest - headBytes)"))
        }
        let payload = at + headBytes..<at + headBytes + length
        let sum = JournalChecksum.of(bytes[at..<at + 16], bytes[payload])
        guard sum == JournalBytes.read32(bytes, at + 16) else {
            return .failure(Fault(why: "the checksum of a frame is wrong"))
        }
        return .success((payload, JournalBytes.read64(bytes, at + 8)))
    }
}

/// What a file of frames holds.
public struct JournalScan: Sendable {
    /// How a file ends.
    public enum Ending: Hashable, Sendable {
        /// With a whole frame.
        case whole
        /// With so many bytes of a frame that never became whole: they can be cut off.
        case torn(bytes: Int, why: String)
        /// A frame before the last one is broken: nothing may be guessed.
        case damaged(at: Int, why: String)
    }

    /// Where the payloads of the whole frames lie, in order.
    public let payloads: [Range<Int>]
    /// The number of the first frame; 0 where there is none.
    public let firstSequence: UInt64
    /// Where the last whole frame ends.
    public let end: Int
    /// How the file ends.
    public let ending: Ending
}

/// Numbers and texts as the journal spells them. Reads are of ranges that were checked.
enum JournalBytes {
    static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }

    static func read32(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32($1 * 8) }
    }

    static func read64(_ bytes: [UInt8], _ at: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64($1 * 8) }
    }
}

/// Cuts a stream of bytes into lines, wherever the chunks happen to be split, within a bound of
/// memory: of a line that is too long only the beginning is kept, and the stream goes on behind it.
public struct LineFramer: Sendable {
    /// What came out of the stream.
    public enum Line: Hashable, Sendable {
        /// A line without its line break; never empty.
        case whole([UInt8])
        /// A line that exceeds the limit: its beginning, and how many bytes it had in all.
        case tooLong(beginning: [UInt8], byteCount: Int)
    }

    /// How much of a line that is too long is kept, to find out what it was about.
    public static let beginningBytesMax = 64 << 10

    private let lineBytesMax: Int
    private var buffer: [UInt8] = []
    private var isTooLong = false
    /// Bytes of the current line that were dropped because it is too long.
    private var dropped = 0

    /// Cuts lines of up to `lineBytesMax` bytes.
    public init(lineBytesMax: Int = 3 << 20) {
        self.lineBytesMax = max(1, lineBytesMax)
    }

    /// Takes the next chunk and returns the lines it completes.
    public mutating func append(_ chunk: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while let end = LineFramer.lineBreak(chunk.span, start) {
            keep(chunk[start..<end])
            if let line = take() { lines.append(line) }
            start = end + 1
        }
        keep(chunk[start...])
        return lines
    }

    /// Where the first line break from `start` is; looks at eight bytes at a time.
    private static func lineBreak(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        let raw = bytes.bytes
        var at = start
        while at + 8 <= raw.byteCount {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            // A byte of zero borrows from the one above it, and so has its highest bit set.
            let match = UInt64(littleEndian: word) ^ 0x0A0A_0A0A_0A0A_0A0A
            let found = (match &- 0x0101_0101_0101_0101) & ~match & 0x8080_8080_8080_8080
            guard found == 0 else { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < bytes.count {
            if bytes[at] == 0x0A { return at }
            at += 1
        }
        return nil
    }

    /// Ends the stream; returns what stands behind the last line break, if anything does.
    public mutating func finish() -> Line? { take() }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        guard !isTooLong, bytes.count <= lineBytesMax - buffer.count else {
            drop(bytes)
            return
        }
        buffer.append(contentsOf: bytes)
    }

    private mutating func drop(_ bytes: ArraySlice<UInt8>) {
        isTooLong = true
        if buffer.count > LineFramer.beginningBytesMax {
            dropped = buffer.count - LineFramer.beginningBytesMax
            buffer = Array(buffer.prefix(LineFramer.beginningBytesMax))
        }
        let kept = bytes.prefix(LineFramer.beginningBytesMax - buffer.count)
        buffer.append(contentsOf: kept)
        dropped += bytes.count - kept.count
    }

    private mutating func take() -> Line? {
        let line = buffer
        let byteCount = line.count + dropped
        let wasTooLong = isTooLong
        buffer = []
        dropped = 0
        isTooLong = false
        guard !wasTooLong else { return .tooLong(beginning: line, byteCount: byteCount) }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return nil }
        return .whole(line)
    }
}

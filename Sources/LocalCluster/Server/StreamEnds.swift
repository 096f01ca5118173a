import NIOCore

/// Follows the frames of one HTTP/2 connection, and takes out of what the client sends its resets
/// of streams that both sides have ended.
///
/// Such a reset says nothing (RFC 9113 §5.1: a closed stream may still receive it). libcurl 7.88,
/// that of Debian 12, sends one after every answer, and SwiftNIO takes 200 resets in 30 seconds for
/// an attack and closes the connection. A reset of a stream that is still open goes through, and
/// counts. `StreamEndsTests` pins both.
struct StreamEnds {
    /// What one side has sent so far.
    private struct Cursor {
        /// Bytes of a payload, or of the preface, that are still to come.
        var skip: Int
        /// The beginning of a frame whose rest has not come.
        var held = ByteBuffer()
    }

    private struct Sides: OptionSet {
        let rawValue: UInt8
        static let client = Sides(rawValue: 1)
        static let server = Sides(rawValue: 2)
        static let both: Sides = [.client, .server]
    }

    private static let headBytes = 9
    private static let prefaceBytes = 24
    private static let endStream: UInt8 = 1
    /// Most streams that are remembered; of more, the oldest are forgotten, and their resets count.
    static let streamsMax = 4_096

    private var inbound = Cursor(skip: prefaceBytes)
    private var outbound = Cursor(skip: 0)
    private var ended: [UInt32: Sides] = [:]

    /// The type of a frame, as far as it matters here.
    private enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
    }

    private struct Head {
        var length: Int
        var type: UInt8
        var flags: UInt8
        var stream: UInt32

        init?(_ bytes: ByteBuffer, at index: Int) {
            guard let high = bytes.getInteger(at: index, as: UInt8.self),
                let low = bytes.getInteger(at: index + 1, as: UInt16.self),
                let type = bytes.getInteger(at: index + 3, as: UInt8.self),
                let flags = bytes.getInteger(at: index + 4, as: UInt8.self),
                let stream = bytes.getInteger(at: index + 5, as: UInt32.self)
            else { return nil }
            length = Int(high) << 16 | Int(low)
            self.type = type
            self.flags = flags
            self.stream = stream & 0x7FFF_FFFF
        }
    }

    /// Takes bytes from the client, in order; returns what of them goes on to the server. Bytes of
    /// a frame's beginning may be kept until its rest comes.
    mutating func received(_ bytes: ByteBuffer) -> ByteBuffer {
        var buffer = bytes
        if inbound.held.readableBytes > 0 {
            buffer = inbound.held
            buffer.writeImmutableBuffer(bytes)
            inbound.held.clear()
        }
        var kept = ByteBuffer()
        var start = buffer.readerIndex
        var index = start
        while index < buffer.writerIndex {
            guard inbound.skip == 0 else {
                let count = min(inbound.skip, buffer.writerIndex - index)
                inbound.skip -= count
                index += count
                continue
            }
            guard let head = Head(buffer, at: index) else { break }
            let isReset = head.type == Kind.reset && head.length == 4
            if isReset, buffer.writerIndex - index < Self.headBytes + head.length { break }
            if isReset, ended[head.stream] == .both {
                ended[head.stream] = nil
                if let before = buffer.getSlice(at: start, length: index - start) {
                    kept.writeImmutableBuffer(before)
                }
                index += Self.headBytes + head.length
                start = index
                continue
            }
            note(head, .client)
            index += Self.headBytes
            inbound.skip = head.length
        }
        if index < buffer.writerIndex,
            let rest = buffer.getSlice(at: index, length: buffer.writerIndex - index)
        {
            inbound.held = rest
        }
        guard let last = buffer.getSlice(at: start, length: index - start) else { return kept }
        guard kept.readableBytes > 0 else { return last }
        kept.writeImmutableBuffer(last)
        return kept
    }

    /// Notes bytes that the server sends, in order.
    mutating func sent(_ bytes: ByteBuffer) {
        var buffer = bytes
        if outbound.held.readableBytes > 0 {
            buffer = outbound.held
            buffer.writeImmutableBuffer(bytes)
            outbound.held.clear()
        }
        var index = buffer.readerIndex
        while index < buffer.writerIndex {
            guard outbound.skip == 0 else {
                let count = min(outbound.skip, buffer.writerIndex - index)
                outbound.skip -= count
                index += count
                continue
            }
            guard let head = Head(buffer, at: index) else { break }
            note(head, .server)
            index += Self.headBytes
            outbound.skip = head.length
        }
        if index < buffer.writerIndex,
            let rest = buffer.getSlice(at: index, length: buffer.writerIndex - index)
        {
            outbound.held = rest
        }
    }

    private mutating func note(_ head: Head, _ side: Sides) {
        guard head.type == Kind.data || head.type == Kind.headers,
            head.flags & Self.endStream != 0
        else { return }
        ended[head.stream, default: []].insert(side)
        guard ended.count > Self.streamsMax else { return }
        // Clients count their streams up: the smallest numbers are the oldest.
        for stream in ended.keys.sorted().prefix(ended.count - Self.streamsMax / 2) {
            ended[stream] = nil
        }
    }
}

import NIOCore
import Testing

@testable import LocalCluster

/// Which resets of an HTTP/2 client are kept from the server.
@Suite struct StreamEndsTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private static func frame(
        _ type: UInt8, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8] = []
    ) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + (0..<4).map { UInt8(stream >> (24 - 8 * $0) & 255) } + payload
    }

    private static let request = frame(1, flags: 5, stream: 1, [7, 7, 7])
    private static let answer =
        frame(1, flags: 4, stream: 1, [9]) + frame(0, stream: 1, Array(repeating: 1, count: 300))
        + frame(0, flags: 1, stream: 1)
    private static let reset = frame(3, stream: 1, [0, 0, 0, 5])
    private static let next = frame(1, flags: 5, stream: 3, [7])

    private static func bytes(_ buffer: ByteBuffer) -> [UInt8] { Array(buffer.readableBytesView) }

    @Test func `a reset of a stream that both sides have ended is taken out, however it is cut`() {
        let incoming = Self.reset + Self.next
        for cut in 0...incoming.count {
            var streams = StreamEnds()
            let first = streams.received(ByteBuffer(bytes: Self.preface + Self.request))
            #expect(Self.bytes(first) == Self.preface + Self.request)
            for part in [Self.answer.prefix(5), Self.answer.dropFirst(5)] {
                streams.sent(ByteBuffer(bytes: part))
            }
            let left = streams.received(ByteBuffer(bytes: incoming.prefix(cut)))
            let right = streams.received(ByteBuffer(bytes: incoming.dropFirst(cut)))
            #expect(Self.bytes(left) + Self.bytes(right) == Self.next, "cut at \(cut)")
        }
    }

    @Test func `a reset counts while either side has not ended the stream`() {
        let upload = Self.frame(1, flags: 4, stream: 1, [7])
        let unfinished = Self.frame(1, flags: 4, stream: 1, [9])
        for (request, answer) in [(upload, Self.answer), (Self.request, unfinished)] {
            var streams = StreamEnds()
            _ = streams.received(ByteBuffer(bytes: Self.preface + request))
            streams.sent(ByteBuffer(bytes: answer))
            let rest = streams.received(ByteBuffer(bytes: Self.reset))
            #expect(Self.bytes(rest) == Self.reset)
        }
    }

    @Test func `a second reset of the same stream counts`() {
        var streams = StreamEnds()
        _ = streams.received(ByteBuffer(bytes: Self.preface + Self.request))
        streams.sent(ByteBuffer(bytes: Self.answer))
        let rest = streams.received(ByteBuffer(bytes: Self.reset + Self.reset + Self.next))
        #expect(Self.bytes(rest) == Self.reset + Self.next)
    }

    @Test func `streams that are never reset are forgotten in time`() {
        var streams = StreamEnds()
        _ = streams.received(ByteBuffer(bytes: Self.preface))
        let count = UInt32(3 * StreamEnds.streamsMax)
        for stream in 0..<count {
            _ = streams.received(
                ByteBuffer(bytes: Self.frame(1, flags: 5, stream: stream * 2 + 1)))
            streams.sent(ByteBuffer(bytes: Self.frame(1, flags: 5, stream: stream * 2 + 1)))
        }
        let old = Self.frame(3, stream: 1, [0, 0, 0, 5])
        let young = Self.frame(3, stream: count * 2 - 1, [0, 0, 0, 5])
        #expect(Self.bytes(streams.received(ByteBuffer(bytes: old + young))) == old)
    }
}

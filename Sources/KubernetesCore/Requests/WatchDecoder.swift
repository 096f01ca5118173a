/// Turns the bytes of a watch into events: frames lines, reads each one, and never stops at an
/// object that cannot be read.
public struct WatchDecoder<Object: KubeObject>: Sendable {
    private let request: RequestSummary
    private var framer: LineFramer

    /// Decodes the answer to `request`; a single event may have `lineBytesMax` bytes.
    public init(of request: RequestSummary, lineBytesMax: Int = 3 << 20) {
        self.request = request
        framer = LineFramer(lineBytesMax: lineBytesMax)
    }

    /// Takes the next chunk and returns the events it completes. After an event `.failed` the
    /// stream is over and should be dropped.
    public mutating func append(_ chunk: [UInt8]) -> [WatchEvent<Object>] {
        framer.append(chunk).map(event)
    }

    /// Ends the stream. An event that was cut off in the middle is not there yet, and not an error:
    /// the next watch brings it again.
    public mutating func finish() -> [WatchEvent<Object>] {
        guard case .whole(let line)? = framer.finish(),
            (try? JSONDocument(parsing: line)) != nil
        else { return [] }
        return [WatchEvent(parsing: line, of: request)]
    }

    private func event(_ line: LineFramer.Line) -> WatchEvent<Object> {
        switch line {
        case .whole(let bytes): WatchEvent(parsing: bytes, of: request)
        case .tooLong(let beginning, let byteCount):
            WatchEvent(tooLong: beginning, byteCount: byteCount, of: request)
        }
    }
}

import Locking

/// The way of one watch's frames, or one log's lines, from their source to the one connection that
/// reads them. Bounded: a reader that falls too far behind is ended, and has to ask again from
/// where it was, as with a real API server.
///
/// Frames that several channels carry are shared; they are put together only when they are read.
final class FrameChannel: Sendable {
    /// Most bytes that wait for the reader, beside those of the first sending: the state that a
    /// watch begins with is as large as it is.
    static let bytesMax = 32 << 20
    /// About how many bytes are read at once.
    static let chunkBytes = 256 << 10

    /// Takes what is read; nil at the end.
    typealias Reader = @Sendable ([UInt8]?) -> Void

    private struct State {
        var waiting: [[UInt8]] = []
        /// How many frames of `waiting` have been read.
        var start = 0
        var bytes = 0
        var bytesMax = FrameChannel.bytesMax
        var isFirst = true
        var ended = false
        var reader: Reader?

        mutating func next() -> [UInt8]? {
            var joined: [UInt8] = []
            while start < waiting.count, joined.count < FrameChannel.chunkBytes {
                if joined.isEmpty { joined = waiting[start] } else { joined += waiting[start] }
                bytes -= waiting[start].count
                waiting[start] = []
                start += 1
            }
            if start == waiting.count {
                waiting.removeAll(keepingCapacity: start < 64)
                start = 0
            }
            return joined.isEmpty ? nil : joined
        }
    }

    private let state = Mutex(State())

    /// Whether frames are still taken.
    var isOpen: Bool { state.withLock { !$0.ended } }

    /// Puts frames behind those that wait. Returns false where the channel has ended, by overflow
    /// or otherwise: the source can forget it.
    func send(_ frames: [[UInt8]]) -> Bool {
        let (reader, ready, isOpen) = state.withLock { state -> (Reader?, [UInt8]?, Bool) in
            guard !state.ended else { return (nil, nil, false) }
            let count = frames.reduce(0) { $0 + $1.count }
            if state.isFirst, count > 0 {
                state.isFirst = false
                state.bytesMax += count
            }
            guard state.bytes + count <= state.bytesMax else {
                state.ended = true
                return (nil, nil, false)
            }
            state.waiting += frames
            state.bytes += count
            guard let reader = state.reader, let ready = state.next() else {
                return (nil, nil, true)
            }
            state.reader = nil
            return (reader, ready, true)
        }
        reader?(ready)
        return isOpen
    }

    /// Nothing comes any more; what waits is still read.
    func end() {
        let reader = state.withLock { state -> Reader? in
            state.ended = true
            let reader = state.reader
            state.reader = nil
            return reader
        }
        reader?(nil)
    }

    /// Hands the next bytes to `reader`, once: at once where there are some or the end has come,
    /// otherwise as soon as that is so, by whoever brings it about. One reader at a time.
    func read(_ reader: @escaping Reader) {
        let ready = state.withLock { state -> [UInt8]?? in
            if let joined = state.next() { return .some(joined) }
            if state.ended { return .some(nil) }
            precondition(state.reader == nil, "a frame channel has one reader")
            state.reader = reader
            return nil
        }
        if let ready { reader(ready) }
    }

    /// The next bytes; nil at the end and when the reading task is cancelled. One reader only.
    func next() async -> [UInt8]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                read { continuation.resume(returning: $0) }
            }
        } onCancel: {
            end()
        }
    }
}

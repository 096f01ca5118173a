import Synchronization

/// The way of one watch's frames, or one log's lines, from their source to the one connection that
/// reads them. Bounded in bytes: a reader that falls too far behind is ended, and has to ask again
/// from where it was, as with a real API server.
final class FrameChannel: Sendable {
    /// Most bytes that wait for the reader.
    static let bytesMax = 32 << 20

    private struct State {
        var waiting: [[UInt8]] = []
        var bytes = 0
        var ended = false
        var reader: CheckedContinuation<[UInt8]?, Never>?
    }

    private let state = Mutex(State())

    /// Puts frames behind those that wait. Returns false where the channel has ended, by overflow
    /// or otherwise: the source can forget it.
    func send(_ frames: [[UInt8]]) -> Bool {
        guard !frames.isEmpty else { return state.withLock { !$0.ended } }
        let joined = frames.count == 1 ? frames[0] : Array(frames.joined())
        let (reader, isOpen) = state.withLock {
            state -> (CheckedContinuation<[UInt8]?, Never>?, Bool) in
            guard !state.ended else { return (nil, false) }
            if let reader = state.reader {
                state.reader = nil
                return (reader, true)
            }
            guard state.bytes + joined.count <= FrameChannel.bytesMax else {
                state.ended = true
                return (nil, false)
            }
            state.waiting.append(joined)
            state.bytes += joined.count
            return (nil, true)
        }
        reader?.resume(returning: joined)
        return isOpen
    }

    /// Nothing comes any more; what waits is still read.
    func end() {
        let reader = state.withLock { state -> CheckedContinuation<[UInt8]?, Never>? in
            state.ended = true
            let reader = state.reader
            state.reader = nil
            return reader
        }
        reader?.resume(returning: nil)
    }

    /// The next bytes; nil at the end and when the reading task is cancelled. One reader only.
    func next() async -> [UInt8]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> [UInt8]?? in
                    if !state.waiting.isEmpty {
                        let joined = Array(state.waiting.joined())
                        state.waiting.removeAll()
                        state.bytes = 0
                        return .some(joined)
                    }
                    if state.ended { return .some(nil) }
                    precondition(state.reader == nil, "a frame channel has one reader")
                    state.reader = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            end()
        }
    }
}

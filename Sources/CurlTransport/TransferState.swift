import KubernetesCore

/// What one transfer has brought and who waits for it. A value: it says whom to wake, and the
/// caller wakes them after the lock is released.
struct TransferState {
    typealias HeadWaiter = CheckedContinuation<Result<HTTPResponseHead, TransportError>, Never>
    typealias BodyWaiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

    /// Whom to wake, with what.
    enum Wake {
        case nobody
        case head(HeadWaiter, Result<HTTPResponseHead, TransportError>)
        case body(BodyWaiter, Result<[UInt8]?, TransportError>)

        func perform() {
            switch self {
            case .nobody: break
            case .head(let waiter, let result): waiter.resume(returning: result)
            case .body(let waiter, let result): waiter.resume(returning: result)
            }
        }
    }

    let bufferBytesMax: Int
    private(set) var head: HTTPResponseHead?
    private var buffer: [UInt8] = []
    private var end: Result<Void, TransportError>?
    private var headWaiter: HeadWaiter?
    private var bodyWaiter: BodyWaiter?
    private var isPaused = false

    init(bufferBytesMax: Int) { self.bufferBytesMax = bufferBytesMax }

    /// Whether nothing more can come.
    var isEnded: Bool { end != nil }

    /// The head has come.
    mutating func receive(_ head: HTTPResponseHead) -> Wake {
        guard self.head == nil, end == nil else { return .nobody }
        self.head = head
        guard let waiter = headWaiter else { return .nobody }
        headWaiter = nil
        return .head(waiter, .success(head))
    }

    /// A piece of the body has come. Where there is no room for it, `accepted` is false, the sender
    /// must wait, and the piece will be offered again.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> (accepted: Bool, Wake) {
        guard end == nil else { return (true, .nobody) }
        if let waiter = bodyWaiter {
            bodyWaiter = nil
            return (true, .body(waiter, .success(Array(bytes))))
        }
        guard buffer.isEmpty || buffer.count + bytes.count <= bufferBytesMax else {
            isPaused = true
            return (false, .nobody)
        }
        buffer.append(contentsOf: bytes)
        return (true, .nobody)
    }

    /// The transfer is over. Only the first end counts.
    mutating func finish(_ result: Result<Void, TransportError>) -> Wake {
        guard end == nil else { return .nobody }
        end = result
        if case .failure(let error) = result {
            if let waiter = headWaiter {
                headWaiter = nil
                return .head(waiter, .failure(error))
            }
            // What a broken transfer brought is still true, but nobody reads on after a
            // cancellation.
            if error.code == .cancelled { buffer = [] }
        }
        guard let waiter = bodyWaiter else { return .nobody }
        bodyWaiter = nil
        return .body(waiter, result.map { nil })
    }

    /// Somebody wants the head.
    mutating func wait(forHead waiter: HeadWaiter) -> Wake {
        if let head { return .head(waiter, .success(head)) }
        switch end {
        case .failure(let error): return .head(waiter, .failure(error))
        case .success:
            let error = TransportError(.malformed, endpoint: "", "the answer has no head")
            return .head(waiter, .failure(error))
        case nil:
            precondition(headWaiter == nil, "two tasks wait for one head")
            headWaiter = waiter
            return .nobody
        }
    }

    /// Somebody wants the next bytes: everything that has come so far. `resumes` tells whether the
    /// sender was made to wait and may now go on.
    mutating func wait(forBody waiter: BodyWaiter) -> (Wake, resumes: Bool) {
        guard buffer.isEmpty else {
            let bytes = buffer
            buffer = []
            let resumes = isPaused
            isPaused = false
            return (.body(waiter, .success(bytes)), resumes)
        }
        if let end { return (.body(waiter, end.map { nil }), false) }
        precondition(bodyWaiter == nil, "two tasks read one body")
        bodyWaiter = waiter
        return (.nobody, false)
    }
}

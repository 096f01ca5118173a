import KubernetesCore
import Locking

/// One request under way, shared by the task that waits for it and the thread that runs it.
final class Transfer: Sendable {
    let request: HTTPRequest
    let server: HTTPServer
    let options: TransferOptions
    private let state: Mutex<TransferState>

    init(_ request: HTTPRequest, to server: HTTPServer, _ options: TransferOptions) {
        self.request = request
        self.server = server
        self.options = options
        state = Mutex(TransferState(bufferBytesMax: options.bufferBytesMax))
    }

    var isEnded: Bool { state.withLock { $0.isEnded } }
    var hasHead: Bool { state.withLock { $0.head != nil } }

    func receive(_ head: HTTPResponseHead) {
        state.withLock { $0.receive(head) }.perform()
    }

    /// Returns false where there is no room: the sender must wait.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (accepted, wake) = state.withLock { $0.receive(bytes) }
        wake.perform()
        return accepted
    }

    func finish(_ result: Result<Void, TransportError>) {
        state.withLock { $0.finish(result) }.perform()
    }

    /// Gives the transfer up from our side.
    func cancel() {
        let message = "the request to \(server.endpoint) was cancelled"
        finish(.failure(TransportError(.cancelled, endpoint: server.endpoint, message)))
    }

    func waitForHead() async -> Result<HTTPResponseHead, TransportError> {
        // The lock is taken inside and acted on outside: the closure may run more than once late.
        await withCheckedContinuation { waiter in
            state.withLock { $0.wait(forHead: waiter) }.perform()
        }
    }

    /// The next bytes; `resume` is called where the sender waits for room.
    func waitForBody(resume: () -> Void) async -> Result<[UInt8]?, TransportError> {
        await withCheckedContinuation { waiter in
            let (wake, resumes) = state.withLock { $0.wait(forBody: waiter) }
            if resumes { resume() }
            wake.perform()
        }
    }
}

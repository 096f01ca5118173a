import KubernetesCore

/// The reader's hold on a transfer. When the last copy goes, so does the transfer.
final class TransferLease: Sendable {
    let transfer: Transfer
    private let loop: CurlLoop

    init(_ transfer: Transfer, on loop: CurlLoop) {
        self.transfer = transfer
        self.loop = loop
    }

    deinit { abort() }

    /// Starts the transfer and waits for the head of the answer.
    func start() async throws(TransportError) -> HTTPResponseHead {
        guard !Task.isCancelled else {
            transfer.cancel()
            return try await transfer.waitForHead().get()
        }
        loop.submit(.start(transfer))
        return try await withTaskCancellationHandler {
            await transfer.waitForHead()
        } onCancel: {
            abort()
        }.get()
    }

    /// The next bytes of the body.
    func nextBytes() async -> Result<[UInt8]?, TransportError> {
        await withTaskCancellationHandler {
            await transfer.waitForBody { loop.submit(.resume(transfer)) }
        } onCancel: {
            abort()
        }
    }

    private func abort() {
        guard !transfer.isEnded else { return }
        transfer.cancel()
        loop.submit(.abort(transfer))
    }
}

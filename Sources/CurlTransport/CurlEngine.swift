import CCurl
import KubernetesCore

/// Owns the handles of one libcurl multi handle. Not `Sendable`: it is made on its loop's thread
/// and never leaves it, so the compiler sees to it that one thread alone uses libcurl.
final class CurlEngine {
    /// Most requests under way; beyond it they are refused rather than piled up.
    static let transfersMax = 4_096
    /// Longest sleep; only a bound, as everything that happens wakes the thread.
    private static let sleepMax = Duration.seconds(60)

    private let multi: UnsafeMutableRawPointer
    private var handles: [ObjectIdentifier: CurlHandle] = [:]
    private var byEasy: [UnsafeMutableRawPointer: CurlHandle] = [:]
    /// No deadline lies before this.
    private var nextCheck = Instant(nanoseconds: .max)

    init(_ multi: UnsafeMutableRawPointer) { self.multi = multi }

    /// Does what somebody asked for.
    func perform(_ command: CurlLoop.Command) {
        switch command {
        case .start(let transfer): start(transfer)
        case .abort(let transfer):
            guard let handle = handles[ObjectIdentifier(transfer)] else { return }
            remove(handle)
        case .resume(let transfer):
            guard let handle = handles[ObjectIdentifier(transfer)] else { return }
            handle.resume()
        }
    }

    /// Moves every transfer on as far as it goes, then sleeps until something happens.
    func turn() {
        var running: Int32 = 0
        let code = curl_multi_perform(multi, &running)
        if code != CURLM_OK { failAll(String(cString: curl_multi_strerror(code))) }
        collectFinished()
        let now = SteadyClock.now
        if now >= nextCheck { checkDeadlines(at: now) }
        let sleep = min(nextCheck - now, CurlEngine.sleepMax)
        let milliseconds = max(0, sleep.nanoseconds / 1_000_000 + 1)
        _ = curl_multi_poll(multi, nil, 0, Int32(clamping: milliseconds), nil)
    }

    /// Fails what is still under way and frees everything.
    func close() {
        failAll("the HTTP client is shut down")
        curl_multi_cleanup(multi)
    }

    private func start(_ transfer: Transfer) {
        guard !transfer.isEnded else { return }
        let endpoint = transfer.server.endpoint
        guard handles.count < CurlEngine.transfersMax else {
            let message = "more than \(CurlEngine.transfersMax) requests at once"
            transfer.finish(.failure(TransportError(.stopped, endpoint: endpoint, message)))
            return
        }
        do throws(TransportError) {
            let handle = try CurlHandle(transfer, at: SteadyClock.now)
            guard curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
                throw TransportError(.stopped, endpoint: endpoint, "libcurl took no request")
            }
            handles[ObjectIdentifier(transfer)] = handle
            byEasy[handle.easy] = handle
            nextCheck = min(nextCheck, handle.firstDeadline)
        } catch {
            transfer.finish(.failure(error))
        }
    }

    private func collectFinished() {
        var code = CURLE_OK
        while let easy = ccurl_multi_next_done(multi, &code) {
            guard let handle = byEasy[easy] else { continue }
            let result = handle.result(code)
            remove(handle)
            handle.transfer.finish(result)
        }
    }

    private func checkDeadlines(at now: Instant) {
        nextCheck = Instant(nanoseconds: .max)
        for handle in Array(handles.values) {
            switch handle.deadline(at: now) {
            case .failure(let error):
                remove(handle)
                handle.transfer.finish(.failure(error))
            case .success(let next): nextCheck = min(nextCheck, next)
            }
        }
    }

    private func failAll(_ message: String) {
        for handle in Array(handles.values) {
            let endpoint = handle.transfer.server.endpoint
            remove(handle)
            handle.transfer.finish(
                .failure(TransportError(.stopped, endpoint: endpoint, message)))
        }
    }

    private func remove(_ handle: CurlHandle) {
        handles[ObjectIdentifier(handle.transfer)] = nil
        byEasy[handle.easy] = nil
        curl_multi_remove_handle(multi, handle.easy)
        handle.close()
    }
}

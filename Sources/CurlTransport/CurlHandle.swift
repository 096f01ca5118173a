import CCurl
import KubernetesCore

/// One libcurl easy handle and the transfer it carries out. Lives on its loop's thread.
final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    let transfer: Transfer
    let errorText: UnsafeMutablePointer<CChar>
    private let startedAt: Instant
    private var lastActive: Instant
    private var isPaused = false
    private var parser = ResponseHeadParser()
    private var isClosed = false
    /// The header list that libcurl reads from until the end.
    var headerList: UnsafeMutablePointer<curl_slist>?
    /// Where to connect, when the URL says otherwise.
    var connectList: UnsafeMutablePointer<curl_slist>?

    /// Makes and configures a handle.
    init(_ transfer: Transfer, at now: Instant) throws(TransportError) {
        guard let easy = curl_easy_init() else {
            throw TransportError(
                .stopped, endpoint: transfer.server.endpoint, "libcurl is out of memory")
        }
        self.easy = easy
        self.transfer = transfer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        startedAt = now
        lastActive = now
        do throws(TransportError) {
            try configure()
        } catch {
            close()
            throw error
        }
    }

    /// Frees the handle. It must no longer be part of a multi handle.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        curl_slist_free_all(connectList)
        errorText.deallocate()
    }

    /// Lets a transfer go on whose reader has made room.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        lastActive = SteadyClock.now
        curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    /// Takes one line of the head; false ends the transfer.
    func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastActive = SteadyClock.now
        switch parser.take(bytes) {
        case .more: return true
        case .head(let head):
            transfer.receive(head)
            return true
        case .malformed: return false
        }
    }

    /// Takes a piece of the body; false pauses the transfer until `resume`.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastActive = SteadyClock.now
        isPaused = !transfer.receive(bytes)
        return !isPaused
    }

    /// The first deadline this transfer has.
    var firstDeadline: Instant {
        let options = transfer.options
        let first = [options.connect, options.head, options.total, options.idle].compactMap(\.self)
        return startedAt + (first.min() ?? options.connect)
    }

    /// The next deadline, or the one that has passed.
    func deadline(at now: Instant) -> Result<Instant, TransportError> {
        let options = transfer.options
        var next = Instant(nanoseconds: .max)
        if !isConnected {
            guard now < startedAt + options.connect else {
                return .failure(connectTimeout(options.connect))
            }
            next = startedAt + options.connect
        }
        if let head = options.head, !transfer.hasHead {
            guard now < startedAt + head else { return .failure(timeout("begin to answer", head)) }
            next = min(next, startedAt + head)
        }
        if let total = options.total {
            guard now < startedAt + total else { return .failure(timeout("answer", total)) }
            next = min(next, startedAt + total)
        }
        if let idle = options.idle {
            if isPaused || !transfer.hasHead { lastActive = now }
            guard now < lastActive + idle else { return .failure(silence(idle)) }
            next = min(next, lastActive + idle)
        }
        return .success(next)
    }

    /// Whether the server can be spoken to: name, TCP, proxy and TLS are done.
    var isConnected: Bool {
        var microseconds: curl_off_t = 0
        _ = ccurl_get_time(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
        return microseconds > 0
    }
}

import CCurl
import Glibc
import KubernetesCore
import Locking

/// A thread that belongs to libcurl: it sleeps in `curl_multi_poll`, and nothing else ever touches
/// the handles. What others want of it they put into its mailbox.
final class CurlLoop: Sendable {
    /// What the thread is asked to do.
    enum Command: Sendable {
        case start(Transfer)
        case abort(Transfer)
        case resume(Transfer)
    }

    /// `curl_multi_wakeup` is the one function of libcurl that any thread may call; the mailbox's
    /// lock keeps the handle alive during the call.
    private struct WakeupTarget: @unchecked Sendable {
        let multi: UnsafeMutableRawPointer
    }

    private struct Mailbox {
        var commands: [Command] = []
        var stops = false
        var target: WakeupTarget?
    }

    private let mailbox: Mutex<Mailbox>

    /// Starts the thread.
    /// - Parameter connectionsPerHostMax: requests beyond as many connections wait; 0 for no limit.
    init(name: String, connectionsPerHostMax: Int) throws(TransportError) {
        guard CurlLoop.isInitialised, let multi = curl_multi_init() else {
            throw TransportError(.stopped, endpoint: "", "libcurl could not be initialised")
        }
        _ = ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHostMax)
        let target = WakeupTarget(multi: multi)
        mailbox = Mutex(Mailbox(target: target))
        do throws(TransportError) {
            try NamedThread.start(name) { [self] in run(target) }
        } catch {
            curl_multi_cleanup(multi)
            throw error
        }
    }

    /// Asks the thread for something. After `stop`, transfers are failed at once.
    func submit(_ command: Command) {
        let isRunning = mailbox.withLock { mailbox in
            guard let target = mailbox.target, !mailbox.stops else { return false }
            mailbox.commands.append(command)
            // An earlier command that nobody has taken yet has already woken the thread.
            if mailbox.commands.count == 1 { curl_multi_wakeup(target.multi) }
            return true
        }
        if !isRunning { CurlLoop.refuse([command]) }
    }

    /// Ends the thread; transfers under way are failed.
    func stop() {
        mailbox.withLock { mailbox in
            mailbox.stops = true
            if let target = mailbox.target { curl_multi_wakeup(target.multi) }
        }
    }

    private func run(_ target: WakeupTarget) {
        let engine = CurlEngine(target.multi)
        while true {
            let (commands, stops) = mailbox.withLock { mailbox in
                defer { mailbox.commands = [] }
                return (mailbox.commands, mailbox.stops)
            }
            if stops {
                CurlLoop.refuse(commands)
                break
            }
            for command in commands { engine.perform(command) }
            engine.turn()
        }
        mailbox.withLock { $0.target = nil }
        engine.close()
    }

    private static func refuse(_ commands: [Command]) {
        for case .start(let transfer) in commands {
            transfer.finish(
                .failure(
                    TransportError(
                        .stopped, endpoint: transfer.server.endpoint,
                        "the HTTP client is shut down")))
        }
    }

    private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

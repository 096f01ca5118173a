import CCurl
import Glibc
public import KubernetesCore

/// A thread of the operating system, for work that blocks and must not hold up Swift's pool.
public enum NamedThread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a thread of its own and returns what it returns. The caller's cancellation
    /// does not reach it: what runs there must end by itself.
    public static func run<Value: Sendable>(
        _ name: String, _ body: @escaping @Sendable () -> Value
    ) async throws(TransportError) -> Value {
        let result: Result<Value, TransportError> = await withCheckedContinuation { waiter in
            do throws(TransportError) {
                try start(name) { waiter.resume(returning: .success(body())) }
            } catch {
                waiter.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Runs `body` on a new thread that takes no signals. Blocked there, a SIGPIPE of a connection
    /// that broke off stays without effect.
    static func start(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) throws(TransportError) {
        let start = Unmanaged.passRetained(Start(name, body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                var signals = sigset_t()
                sigfillset(&signals)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                ccurl_name_thread(String(start.name.prefix(15)))
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw TransportError(
                .stopped, endpoint: "", "a thread could not be started (error \(code))")
        }
        pthread_detach(thread)
    }
}

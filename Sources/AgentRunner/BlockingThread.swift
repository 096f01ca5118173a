import Glibc

/// A thread of its own for work that waits for another process.
enum BlockingThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw SystemError("starting a thread", code: code)
        }
        pthread_detach(thread)
    }

    /// Lets time pass for what cannot be waited for: the end of a process that is no child of
    /// this one. Never to be called on a thread that serves tasks.
    static func pause(milliseconds: Int32) { poll(nil, 0, milliseconds) }
}

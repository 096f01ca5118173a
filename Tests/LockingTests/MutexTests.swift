import Glibc
import Testing

@testable import Locking

struct MutexTests {
    @Test func `what many threads count is exact`() {
        let total = Mutex(0)
        withThreads(8) {
            for _ in 0..<5_000 { total.withLock { $0 += 1 } }
        }
        #expect(total.withLock { $0 } == 40_000)
    }

    @Test func `only one thread at a time is inside`() {
        let inside = Mutex((now: 0, most: 0))
        withThreads(4) {
            for _ in 0..<200 {
                inside.withLock { inside in
                    inside.now += 1
                    inside.most = max(inside.most, inside.now)
                    sched_yield()
                    inside.now -= 1
                }
            }
        }
        #expect(inside.withLock { $0.most } == 1)
    }

    @Test func `an error leaves it open, and what was changed stays`() {
        struct Broken: Error {}
        let value = Mutex(1)
        #expect(throws: Broken.self) {
            try value.withLock { value throws(Broken) in
                value = 2
                throw Broken()
            }
        }
        #expect(value.withLock { $0 } == 2)
    }

    @Test func `what it holds goes with it`() {
        final class Held: Sendable {}
        final class Holder: Sendable {
            let mutex: Mutex<Held>
            init(_ held: Held) { mutex = Mutex(held) }
        }
        weak var held: Held?
        var holder: Holder? = {
            let new = Held()
            held = new
            return Holder(new)
        }()
        #expect(holder != nil)
        #expect(held != nil)
        holder = nil
        #expect(held == nil)
    }
}

/// Runs `body` on so many threads, and returns when all have ended.
private func withThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let threads = (0..<count).map { _ in
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        precondition(code == 0, "pthread_create: \(code)")
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}

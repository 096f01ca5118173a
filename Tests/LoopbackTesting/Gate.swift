import Glibc
import Locking

/// A gate between threads of a test: closed until it is opened, then open for ever.
package final class Gate: Sendable {
    private let descriptors: (reading: Int32, writing: Int32)
    private let isOpen = Mutex(false)

    package init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        descriptors = (ends[0], ends[1])
    }

    deinit {
        open()
        close(descriptors.reading)
    }

    /// Lets everybody pass.
    package func open() {
        isOpen.withLock { isOpen in
            // Closed twice, the number could by then be another descriptor's.
            if !isOpen { close(descriptors.writing) }
            isOpen = true
        }
    }

    /// Waits until the gate is open; false after a minute.
    @discardableResult
    package func pass() -> Bool {
        var end = pollfd(fd: descriptors.reading, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, 60_000) > 0
    }
}

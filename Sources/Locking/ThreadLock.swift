import Glibc

/// The platform's lock at an address that never changes, as it demands.
@usableFromInline
struct ThreadLock: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let code = pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init: \(code)")
    }

    @usableFromInline
    func lock() {
        let code = pthread_mutex_lock(mutex)
        precondition(code == 0, "pthread_mutex_lock: \(code)")
    }

    @usableFromInline
    func unlock() {
        let code = pthread_mutex_unlock(mutex)
        precondition(code == 0, "pthread_mutex_unlock: \(code)")
    }

    /// Ends the lock; nobody may hold it or take it any more.
    func destroy() {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }
}

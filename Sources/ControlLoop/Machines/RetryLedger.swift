import KubernetesCore

/// What a controller remembers of one key besides the objects: how its last plans ended.
struct RetryLedger: Sendable {
    /// Why a key waits.
    enum Pause: Sendable, Equatable {
        /// It does not.
        case none
        /// Its picture was old: until the instant, or until anything changes.
        case conflict(until: Instant)
        /// Its plan failed: until the instant, or until its root is given another spec.
        case failure(until: Instant)
        /// Its plan was refused for good: until something changes, and then not before the instant.
        case parked(until: Instant)
    }

    var failures = 0
    var conflicts = 0
    var lastFailure: WriteFailure?
    var pause = Pause.none

    /// Before when the key must not be planned; nil where it may be at once.
    func notBefore(_ now: Instant) -> Instant? {
        switch pause {
        case .none: nil
        case .conflict(let until), .failure(let until), .parked(let until):
            until > now ? until : nil
        }
    }
}

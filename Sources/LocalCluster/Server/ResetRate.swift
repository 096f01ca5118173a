import NIOCore

/// How often a client takes back requests that are not answered: a client that asks and does not
/// wait makes much work with little of its own (CVE-2023-44487).
///
/// A reset of a stream that has ended says nothing (RFC 9113 §5.1) and never comes here; libcurl
/// 7.88, that of Debian 12, sends one after every answer.
struct ResetRate {
    /// Most resets inside of `span`.
    static let resetsMax = 200
    static let span = TimeAmount.seconds(30)

    private var times = CircularBuffer<NIODeadline>(initialCapacity: 0)

    /// Counts a reset in. Returns whether there are more than may be.
    mutating func take(at now: NIODeadline) -> Bool {
        while let first = times.first, now - first > Self.span { times.removeFirst() }
        times.append(now)
        return times.count > Self.resetsMax
    }
}

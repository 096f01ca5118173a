public import KubernetesCore

/// That the clock on the wall was set while this process ran, as its steady clock tells. Limits
/// that rest on times in the cluster are measured through such steps: a clock that is set forward
/// must not make an attempt look overdue or a drain look over.
public struct ClockStep: Hashable, Sendable {
    /// What the clock showed, or would have shown, when it was set.
    public let before: Timestamp
    /// By how much it was set; forward where positive.
    public let size: Duration
    /// What the clock showed when it had certainly not been set yet: it was set at some time
    /// between this and `before`, and nobody looked at it in between.
    public let since: Timestamp

    /// A step of `size` from `before`, or from any time after `since`.
    public init(before: Timestamp, size: Duration, since: Timestamp? = nil) {
        self.before = before
        self.size = size
        self.since = min(since ?? before, before)
    }
}

extension [ClockStep] {
    /// A past time that the cluster keeps, as the clock would have written it had it always been
    /// set as it is now. Where that cannot be told the later reading counts, so that what is
    /// limited is left too long rather than ended too soon.
    public func rebased(_ time: Timestamp, at now: Timestamp) -> Timestamp {
        var result = time
        for (index, step) in enumerated() {
            guard result <= step.before else { continue }
            // Set back, the clock shows for a while what it has shown before.
            let latest = index + 1 < count ? self[index + 1].before : now
            // What it has shown since it was set at the earliest may have been written after that.
            let isOlder = result > latest || result <= step.since + step.size
            if step.size > .zero || isOlder { result = result + step.size }
        }
        return result
    }
}

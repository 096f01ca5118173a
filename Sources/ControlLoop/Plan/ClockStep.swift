public import KubernetesCore

/// That the clock on the wall was set while this process ran, as its steady clock tells. Limits
/// that rest on times in the cluster are measured through such steps: a clock that is set forward
/// must not make an attempt look overdue or a drain look over.
public struct ClockStep: Hashable, Sendable {
    /// What the clock showed, or would have shown, when it was set.
    public let before: Timestamp
    /// By how much it was set; forward where positive.
    public let size: Duration

    /// A step of `size` from `before`.
    public init(before: Timestamp, size: Duration) {
        self.before = before
        self.size = size
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
            let isOlder = result > latest || result <= step.before + step.size
            if step.size > .zero || isOlder { result = result + step.size }
        }
        return result
    }
}

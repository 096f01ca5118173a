import KubernetesCore
import SwiftletAPI

/// By how much the clock on the wall has been set while this process answers agents, as its steady
/// clock tells. Limits that rest on times in the cluster are measured through it: a clock that is
/// set forward must not make an attempt look overdue or a drain look over (`ClockStepTests`).
struct WallClockStep: Hashable, Sendable {
    /// Forward where positive.
    let size: Duration

    /// No step.
    static let none = WallClockStep(size: .zero)

    init(size: Duration) { self.size = size }

    /// The step between when the gateway began to answer and `now`; none where it does not.
    init(_ gateway: GatewayPresence?, at now: Moment) {
        guard let noted = gateway?.answeringSince, let shown = gateway?.answering(at: now) else {
            self = .none
            return
        }
        size = shown - noted
    }

    /// A past time that the cluster keeps, as the clock would have written it had it always been
    /// set as it is now. What can only have been written after the step is taken as it is; of the
    /// rest the later reading counts, so that what is limited is left too long rather than ended
    /// too soon.
    func rebased(_ time: Timestamp, at now: Timestamp) -> Timestamp {
        if size > .zero { return time <= now + (.zero - size) ? time + size : time }
        return size < .zero && time > now ? time + size : time
    }
}

extension PodView {
    /// The pod with the times that limits rest on as the clock would have written them.
    func rebased(_ step: WallClockStep, at now: Timestamp) -> PodView {
        guard step != .none else { return self }
        var result = self
        if let deadline = metadata.deletionTime {
            let grace = Duration.seconds(max(0, min(metadata.deletionGraceSeconds ?? 0, 86_400)))
            let asked = deadline + (.zero - grace)
            result.metadata.deletionTime = step.rebased(asked, at: now) + grace
        }
        if let since = drainingSince {
            result.metadata.annotations[SwiftletNames.Annotation.draining] =
                step.rebased(since, at: now).milliText
        }
        return result
    }
}

import ControlLoop
import KubernetesCore
import SwiftletAPI

extension PodView {
    /// The pod with the times that limits rest on as the clock would have written them.
    func rebased(_ steps: [ClockStep], at now: Timestamp) -> PodView {
        guard !steps.isEmpty else { return self }
        var result = self
        if let deadline = metadata.deletionTime {
            let grace = Duration.seconds(max(0, min(metadata.deletionGraceSeconds ?? 0, 86_400)))
            let asked = deadline + (.zero - grace)
            result.metadata.deletionTime = steps.rebased(asked, at: now) + grace
        }
        if let since = drainingSince {
            result.metadata.annotations[SwiftletNames.Annotation.draining] =
                steps.rebased(since, at: now).milliText
        }
        return result
    }
}

import AgentProtocol
import KubernetesCore

/// Measures what the agent uses now and then, away from the threads that serve tasks.
struct UsageMeter: Sendable {
    /// Where attempts have their folders.
    let workDirectory: String
    /// How long to wait between two measurements.
    var interval = Duration.seconds(10)
    /// How long to wait before the second one, which is the first that says something.
    var firstInterval = Duration.seconds(1)
    var source = UsageSource()

    /// Measures until the task is cancelled. What cannot be measured is said once in `log`: the
    /// agent works without it.
    func run(log: OutputLog, _ tell: @Sendable (SyncRequest.Usage) -> Void) async {
        var state = State()
        var pause = firstInterval
        while !Task.isCancelled {
            if let usage = await measure(&state, log: log) {
                tell(usage)
                pause = interval
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// What is kept from one measurement to the next.
    struct State {
        fileprivate var rate = UsageRate()
        fileprivate var hasComplained = false
    }

    /// Measures once; nil for the first time, and where the machine does not say.
    func measure(_ state: inout State, log: OutputLog) async -> SyncRequest.Usage? {
        let (found, disk) = await BlockingWork.run { [source, workDirectory] in
            (
                Runner.attempt { () throws(SystemError) in try source.sample() },
                DiskUse.bytes(below: workDirectory)
            )
        }
        do throws(SystemError) {
            guard let sample = try found.get(),
                var usage = state.rate.take(sample, at: SystemClock.now.instant)
            else { return nil }
            usage.diskBytes = disk
            return usage
        } catch {
            if !state.hasComplained {
                log.note(
                    "what this agent uses is not known, and its pool's status lacks it: "
                        + "\(error). The container needs \(source.processes)",
                    level: "warning")
            }
            state.hasComplained = true
            return nil
        }
    }
}

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
        var rate = UsageRate()
        var hasComplained = false
        var pause = firstInterval
        while !Task.isCancelled {
            let (found, disk) = await BlockingWork.run { [source, workDirectory] in
                (
                    Runner.attempt { () throws(SystemError) in try source.sample() },
                    DiskUse.bytes(below: workDirectory)
                )
            }
            var sample: UsageSample?
            do throws(SystemError) {
                sample = try found.get()
            } catch {
                if !hasComplained {
                    log.note(
                        "what this agent uses is not known, and its pool's status lacks it: "
                            + "\(error). The container needs \(source.processes)",
                        level: "warning")
                }
                hasComplained = true
            }
            if let sample, var usage = rate.take(sample, at: SystemClock.now.instant) {
                usage.diskBytes = disk
                tell(usage)
                pause = interval
            }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }
}

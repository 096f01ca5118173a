import AgentProtocol
import KubernetesCore

/// Makes of samples what an agent says that it uses: the processor's share between two of them, and
/// the memory of the last.
struct UsageRate: Sendable {
    private var last: (sample: UsageSample, at: Instant)?

    /// Takes a sample; nil for the first one, which nothing can be compared with.
    mutating func take(_ sample: UsageSample, at now: Instant) -> SyncRequest.Usage? {
        defer { last = (sample, now) }
        guard let last else { return nil }
        let time = (now - last.at).inSeconds
        guard time > 0 else { return nil }
        // A process that ends can take its time with it: less than before is nothing.
        let (spent, overflow) = sample.processorNanoseconds.subtractingReportingOverflow(
            last.sample.processorNanoseconds)
        let millis = overflow || spent < 0 ? 0 : Double(spent) / 1e6 / time
        return SyncRequest.Usage(
            cpuMillis: Int(exactly: min(millis, 1e9).rounded()) ?? 0,
            memoryBytes: max(0, sample.memoryBytes))
    }
}

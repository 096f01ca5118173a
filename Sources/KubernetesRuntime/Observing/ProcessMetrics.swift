import Glibc
import KubernetesCore

/// What this process costs, by the names that every Prometheus client gives it.
public struct ProcessMetrics: Sendable {
    private let registry: MetricsRegistry
    private let processor: Counter
    private let resident: Gauge
    private let descriptors: Gauge
    private let began: Gauge

    /// Declares the metrics in `registry`.
    public init(_ registry: MetricsRegistry) {
        self.registry = registry
        processor = registry.counter(
            "process_cpu_seconds", "Processor time of this process, user and system")
        resident = registry.gauge(
            "process_resident_memory_bytes", "Memory of this process that is in RAM")
        descriptors = registry.gauge("process_open_fds", "Open file descriptors")
        began = registry.gauge(
            "process_start_time_seconds", "When this process started, since 1970")
    }

    /// Measures anew whenever the metrics are read.
    public func start() {
        began.set(Double(SystemTime().now.time.nanoseconds) / 1e9)
        registry.addCollector { measure() }
    }

    private func measure() {
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            processor.set(ProcessMetrics.seconds(usage.ru_utime, usage.ru_stime))
        }
        if let pages = ProcessMetrics.residentPages() {
            resident.set(Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let count = ProcessMetrics.openDescriptors() { descriptors.set(Double(count)) }
    }

    private static func seconds(_ times: timeval...) -> Double {
        times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    /// The second number of `/proc/self/statm`.
    private static func residentPages() -> Int? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return words.count > 1 ? Int(words[1]) : nil
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // The folder itself, its parent, and the descriptor that reads it.
        return max(0, count - 3)
    }
}

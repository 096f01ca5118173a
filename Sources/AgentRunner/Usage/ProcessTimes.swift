/// What one process has used, as `/proc/PID/stat` shows it.
struct ProcessTimes: Hashable, Sendable {
    /// The process.
    let pid: Int32
    /// Its parent.
    let parent: Int32
    /// Ticks of the processor that it and its ended children have used.
    let ticks: Int
    /// Pages that it has in memory.
    let pages: Int

    /// Reads the line; nil where it is none.
    init?(stat: [UInt8]) {
        // The name in parentheses may hold anything, parentheses and blanks too.
        guard let opening = stat.firstIndex(of: UInt8(ascii: "(")),
            let closing = stat.lastIndex(of: UInt8(ascii: ")")), opening < closing
        else { return nil }
        let fields = stat[(closing + 1)...].split { $0 == 32 || $0 == 10 }.map {
            String(decoding: $0, as: UTF8.self)
        }
        let first = stat[..<opening].split(separator: 32).first ?? []
        guard fields.count > 21, let pid = Int32(String(decoding: first, as: UTF8.self)),
            let parent = Int32(fields[1]), let pages = Int(fields[21])
        else { return nil }
        self.pid = pid
        self.parent = parent
        // User and system time, of itself and of its children that have ended.
        ticks = fields[11...14].reduce(0) { UsageSample.sum($0, max(0, Int($1) ?? 0)) }
        self.pages = max(0, pages)
    }

    /// The processes that descend from `root`, with itself.
    static func tree(of root: Int32, in all: [ProcessTimes]) -> [ProcessTimes] {
        var children: [Int32: [ProcessTimes]] = [:]
        for process in all { children[process.parent, default: []].append(process) }
        var result = all.filter { $0.pid == root }
        var seen: Set<Int32> = [root]
        var next = 0
        while next < result.count {
            for child in children[result[next].pid] ?? [] where seen.insert(child.pid).inserted {
                result.append(child)
            }
            next += 1
        }
        return result
    }

    /// What processes have used together.
    static func sample(
        _ processes: [ProcessTimes], ticksPerSecond: Int, pageBytes: Int
    ) -> UsageSample {
        let ticks = processes.reduce(0) { UsageSample.sum($0, $1.ticks) }
        let pages = processes.reduce(0) { UsageSample.sum($0, $1.pages) }
        return UsageSample(
            processorNanoseconds: UsageSample.product(
                ticks, 1_000_000_000 / max(1, ticksPerSecond)),
            memoryBytes: UsageSample.product(pages, pageBytes))
    }
}

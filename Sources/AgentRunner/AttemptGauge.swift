import AgentProtocol
import Glibc

/// Looks now and then at what the processes of an attempt take together, which no limit of the
/// kernel's on single processes bounds.
struct AttemptGauge {
    let tree: AttemptTree
    let marker: String
    let limits: AttemptLimits
    /// The attempt's control group, if it has one: what the kernel has done to it costs nothing to
    /// see.
    let group: AttemptGroup?
    /// How long to wait before the next look, in milliseconds.
    private(set) var pause = AttemptGauge.shortest
    /// How long to wait before the next look at the machine's processes. It costs as much as there
    /// are, so it is taken as seldom as that it costs half a percent of a processor.
    private var tablePause = AttemptGauge.shortest
    /// How long ago the last one was.
    private var waited: Int32 = 0

    private static let shortest: Int32 = 500
    private static let longest: Int32 = 10_000

    init(
        tree: AttemptTree, marker: String, limits: AttemptLimits, group: AttemptGroup? = nil
    ) {
        self.tree = tree
        self.marker = marker
        self.limits = limits
        self.group = group
    }

    /// What of the limits is exceeded now; nil where nothing is. To be called after each pause.
    mutating func look() -> SupervisorReport? {
        if let excess = group?.excess { return excess }
        waited += pause
        guard waited >= tablePause else { return nil }
        waited = 0
        let begin = Self.processorMicroseconds
        let excess = excess()
        let taken = (Self.processorMicroseconds - begin) / 1_000
        tablePause = Int32(min(max(taken * 200, Int(Self.shortest)), Int(Self.longest)))
        pause = group == nil ? tablePause : Self.shortest
        return excess
    }

    private func excess() -> SupervisorReport? {
        // A list that cannot be read now says nothing; the next look may see more.
        guard let processes = ProcessTable.snapshot(marker: marker) else { return nil }
        let members = Set(tree.targets(in: processes))
        return Self.excess(
            of: processes.filter { members.contains($0.pid) }, over: limits,
            pageBytes: sysconf(Int32(_SC_PAGESIZE)), exactly: Self.proportionalBytes)
    }

    /// The processor time of this thread: a look that had to wait for a processor did not cost more
    /// for it.
    private static var processorMicroseconds: Int {
        var time = timespec()
        guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1_000
    }

    /// What `members` exceed. The memory that they show holds shared pages once for each of them;
    /// where that is too much, `exactly` says of each what it really has.
    static func excess(
        of members: [ProcessEntry], over limits: AttemptLimits, pageBytes: Int,
        exactly: (Int32) -> Int?
    ) -> SupervisorReport? {
        guard members.count <= limits.processes else {
            return .tooManyProcesses(Int32(clamping: members.count))
        }
        guard let most = limits.memoryBytes else { return nil }
        func bytes(_ member: ProcessEntry) -> Int {
            UsageSample.product(member.residentPages, pageBytes)
        }
        guard members.reduce(0, { UsageSample.sum($0, bytes($1)) }) > most else { return nil }
        let exact = members.reduce(0) { UsageSample.sum($0, exactly($1.pid) ?? bytes($1)) }
        return exact > most ? .tooMuchMemory(Int32(clamping: exact >> 20)) : nil
    }

    /// The memory of a process, with its part of what it shares; nil where the kernel does not say.
    private static func proportionalBytes(_ pid: Int32) -> Int? {
        do throws(SystemError) {
            guard
                let bytes = try Files.readFollowing(
                    "/proc/\(pid)/smaps_rollup", bytesMax: 1 << 16)
            else { return 0 }
            for line in bytes.split(separator: 10) where line.starts(with: "Pss:".utf8) {
                let words = line.split(separator: 32)
                guard words.count > 1 else { return nil }
                let kilobytes = Int(String(decoding: words[1], as: UTF8.self))
                return kilobytes.map { UsageSample.product($0, 1_024) }
            }
            return nil
        } catch {
            // One that has just ended has nothing any more.
            return error.code == ESRCH ? 0 : nil
        }
    }
}

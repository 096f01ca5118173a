import AgentProtocol
import Glibc

/// The kernel's limits of this process and of what it starts from now on.
enum ProcessLimits {
    /// Lowers the limits to `limits`. None is ever raised: what the container allows stays the
    /// most. No process leaves a core file behind, which would be as large as its memory.
    ///
    /// Memory is limited by what a process may write to in private (`RLIMIT_DATA`), not by its
    /// address space: garbage collectors reserve much more of that than they use. It is a wall
    /// against one that asks for everything at once; what processes really take is looked at by
    /// `AttemptGauge`.
    static func set(_ limits: AttemptLimits) throws(SystemError) {
        try lower(RLIMIT_CORE, to: 0)
        try lower(RLIMIT_NOFILE, to: limits.openFiles)
        try lower(__RLIMIT_NPROC, to: AttemptLimits.tasksOfUserMax)
        if let bytes = limits.memoryBytes {
            try lower(RLIMIT_DATA, to: UsageSample.sum(bytes, stackBytes))
        }
        if let bytes = limits.storageBytes { try lower(RLIMIT_FSIZE, to: bytes) }
    }

    /// Room for stacks, which the kernel counts whole though next to nothing of them is used: 128
    /// threads of 8 MiB, as a numeric library starts on a large node.
    private static let stackBytes = 1 << 30

    private static func lower(
        _ resource: __rlimit_resource, to wanted: Int
    ) throws(SystemError) {
        let number = __rlimit_resource_t(resource.rawValue)
        var limit = rlimit()
        guard getrlimit(number, &limit) == 0 else { throw SystemError("reading a limit") }
        let bound = rlim_t(max(0, wanted))
        guard bound < limit.rlim_max || bound < limit.rlim_cur else { return }
        limit.rlim_max = min(limit.rlim_max, bound)
        limit.rlim_cur = min(limit.rlim_cur, bound)
        guard setrlimit(number, &limit) == 0 else { throw SystemError("lowering a limit") }
    }
}

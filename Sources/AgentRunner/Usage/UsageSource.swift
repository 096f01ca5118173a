import Glibc

/// Where this machine says what the runner and its attempts use: the control group, where it holds
/// nothing else, as in a container; else the processes that descend from the runner, as beside a
/// local cluster.
struct UsageSource: Sendable {
    /// The machine's folders; others in tests.
    var processes = "/proc"
    var groups = "/sys/fs/cgroup"
    /// The runner.
    var runner = getpid()

    /// What has been used; nil where the machine does not say it of the runner. Fails where it
    /// lists no processes.
    func sample() throws(SystemError) -> UsageSample? {
        let tree = ProcessTimes.tree(of: runner, in: try all())
        if let group, isOurs(group, tree), let sample = group.sample(text) { return sample }
        guard !tree.isEmpty else { return nil }
        return ProcessTimes.sample(
            tree, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)),
            pageBytes: sysconf(Int32(_SC_PAGESIZE)))
    }

    private var group: Cgroup? {
        text("\(processes)/\(runner)/cgroup").flatMap { membership in
            Cgroup(root: groups, membership: membership) { access($0, R_OK) == 0 }
        }
    }

    /// The first process of a container has its group for itself; what else is in there was started
    /// in the container too.
    private func isOurs(_ group: Cgroup, _ tree: [ProcessTimes]) -> Bool {
        guard runner != 1 else { return true }
        guard let members = group.processes(text, folders: ControlFile.folders),
            members.contains(runner)
        else { return false }
        return members.isSubset(of: Set(tree.map(\.pid)))
    }

    private func all() throws(SystemError) -> [ProcessTimes] {
        try Files.names(in: processes).compactMap { name in
            guard Int32(name) != nil else { return nil }
            return bytes("\(processes)/\(name)/stat").flatMap { ProcessTimes(stat: $0) }
        }
    }

    private func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file's content; nil where it is gone, as those of a process that has ended are.
    private func bytes(_ path: String) -> [UInt8]? {
        do throws(SystemError) {
            return try Files.readFollowing(path, bytesMax: 1 << 20)
        } catch {
            return nil
        }
    }
}

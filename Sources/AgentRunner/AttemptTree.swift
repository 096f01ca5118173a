/// Decides which processes belong to an attempt.
struct AttemptTree: Hashable, Sendable {
    /// The attempt's supervisor, which leads a session of its own.
    var supervisor: Int32
    /// The process that asks, which is never to be killed.
    var keeper: Int32

    /// What of `processes` has to be killed, ascending: the supervisor's session, the processes
    /// with the attempt's marker, and the descendants of all of these.
    ///
    /// A daemon that has left the session and lost its parent is known by the marker only, a
    /// process that has cleared its variables by session or parents only.
    func targets(in processes: [ProcessEntry]) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for process in processes { children[process.parent, default: []].append(process.pid) }
        var found: Set<Int32> = [supervisor]
        var open = [supervisor]
        for process in processes where process.session == supervisor || process.isMarked {
            if found.insert(process.pid).inserted { open.append(process.pid) }
        }
        while let next = open.popLast() {
            for child in children[next] ?? [] where found.insert(child).inserted {
                open.append(child)
            }
        }
        return processes.filter {
            found.contains($0.pid) && !$0.isDead && $0.pid > 1 && $0.pid != keeper
        }.map(\.pid).sorted()
    }
}

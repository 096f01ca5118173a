import Glibc
import KubernetesCore

/// Kills all processes of an attempt. Waits, so it belongs on a thread that may.
enum TreeKill {
    /// How long processes may take to go: one that hangs in a driver cannot be killed at all.
    private static var limit: Int64 { 20_000_000_000 }
    /// The process table is no snapshot: a process can slip from a place not yet read to one that
    /// was. So none is left only when none was seen as often in a row.
    private static var quietRounds: Int { 2 }
    /// In how many rounds a process that shows no variables is waited for to show some, and for
    /// how many all of these together.
    private static var doubts: (each: Int, all: Int) { (10, 50) }

    /// Kills the processes of `tree` and those that were started with `marker` until none is
    /// left; with them the process group `group`, which the caller knows to be the attempt's still,
    /// and what is in the control group `control`.
    static func run(
        _ tree: AttemptTree, marker: String, group: Int32? = nil,
        within control: AttemptGroup? = nil
    ) {
        let end = SystemClock.now.instant.nanoseconds + limit
        var foreign: Set<Int32> = []
        var unclear: [Int32: Int] = [:]
        var (quiet, round, doubtful) = (0, 0, 0)
        while SystemClock.now.instant.nanoseconds < end {
            let inside = control?.killAll() ?? []
            guard let processes = ProcessTable.snapshot(marker: marker) else {
                // Not seen is not gone. The group can be told without looking.
                if let group, group > 1 { kill(-group, SIGKILL) }
                for pid in inside where pid != tree.keeper { kill(pid, SIGKILL) }
                quiet = 0
                BlockingThread.pause(milliseconds: 20)
                continue
            }
            let targets = inside.union(tree.targets(in: processes)).subtracting(foreign)
                .subtracting([tree.keeper])
            // Not before the table is read, because the children of the dead have another parent.
            if let group, group > 1 { kill(-group, SIGKILL) }
            for pid in targets where kill(pid, SIGKILL) != 0 && errno == EPERM {
                // It has become another user's, who is out of reach.
                foreign.insert(pid)
            }
            var isDoubtful = false
            for process in processes where process.isUnclear && process.pid != tree.keeper {
                unclear[process.pid, default: 0] += 1
                isDoubtful = isDoubtful || unclear[process.pid, default: 0] < doubts.each
            }
            if isDoubtful { doubtful += 1 }
            let isQuiet = targets.isEmpty && (!isDoubtful || doubtful > doubts.all)
            quiet = isQuiet ? quiet + 1 : 0
            if quiet >= quietRounds { return }
            round += 1
            BlockingThread.pause(milliseconds: round < 50 ? 1 : 20)
        }
    }
}

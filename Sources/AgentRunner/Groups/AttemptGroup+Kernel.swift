import AgentProtocol
import Glibc

/// What is done to a group of the kernel's.
extension AttemptGroup {
    /// How often a group that cannot be removed yet is tried again, and how long after each time,
    /// in milliseconds: those that were killed take a moment to go.
    private static var removal: (tries: Int, pause: Int32) { (100, 10) }

    /// Makes the group with its limits. Where that fails nothing is left of it.
    func make(_ limits: AttemptLimits) throws(SystemError) {
        var made: [String] = []
        do throws(SystemError) {
            for folder in folders {
                guard mkdir(folder, 0o755) == 0 else { throw SystemError("making \(folder)") }
                made.append(folder)
            }
            for setting in settings(limits) {
                do throws(SystemError) {
                    try ControlFile.write(setting.content, to: setting.file)
                } catch {
                    // Without swap there is nothing to bound, and an older kernel kills one by
                    // one, which `excess` sees.
                    if setting.isNeeded { throw error }
                }
            }
        } catch {
            for folder in made { rmdir(folder) }
            throw error
        }
    }

    /// Moves this process into the group; what it starts then is in there from its beginning.
    func enter() throws(SystemError) {
        for entry in entries { try ControlFile.write("0", to: entry) }
    }

    /// Moves this process back, and not what it has started.
    func leave() throws(SystemError) {
        for exit in exits { try ControlFile.write("0", to: exit) }
    }

    /// What the kernel has done to the attempt's processes.
    var excess: SupervisorReport? { excess(reading: ControlFile.read) }

    /// Kills all that is in there at once, where the kernel can, and returns what is still to be
    /// seen: to be killed one by one where it cannot.
    func killAll() -> Set<Int32> {
        for killer in killers {
            do throws(SystemError) {
                try ControlFile.write("1", to: killer)
            } catch {
                // Kernels before 5.14 have no such file, and a group that is gone none at all: what
                // is in there is returned, and killed one by one.
                continue
            }
        }
        return members
    }

    /// The processes in the group and in those that they have made in it.
    var members: Set<Int32> {
        var result: Set<Int32> = []
        for folder in folders.flatMap(ControlFile.tree) {
            // A group that has just been removed has no members.
            let text = ControlFile.read(folder + "/cgroup.procs") ?? ""
            result.formUnion(text.split(separator: "\n").compactMap { Int32($0) })
        }
        return result.filter { $0 > 1 }
    }

    /// Removes the group with those that its processes have made in it. They have to be gone, or
    /// about to go.
    func remove() throws(SystemError) {
        for folder in folders {
            var tries = 0
            while true {
                do throws(SystemError) {
                    for path in ControlFile.tree(folder).reversed() where rmdir(path) != 0 {
                        let error = SystemError("removing \(path)")
                        if error.code != ENOENT { throw error }
                    }
                    break
                } catch {
                    tries += 1
                    guard tries < Self.removal.tries, error.code == EBUSY else { throw error }
                    BlockingThread.pause(milliseconds: Self.removal.pause)
                }
            }
        }
    }

    /// Kills what is in a group that an earlier runner has left, and removes it.
    func clear() throws(SystemError) {
        for _ in 0..<Self.removal.tries {
            let left = killAll()
            if left.isEmpty { break }
            for pid in left where pid != getpid() { kill(pid, SIGKILL) }
            BlockingThread.pause(milliseconds: Self.removal.pause)
        }
        try remove()
    }
}

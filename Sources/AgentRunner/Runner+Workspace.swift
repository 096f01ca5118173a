import KubernetesCore

/// What has to be removed from a pool's workspace volume.
enum WorkspaceTask: String, Hashable, Sendable {
    /// What a commit has replaced.
    case tidy = "a checkpoint that another one has replaced"
    /// What a task that is done has left.
    case forget = "the checkpoints of a task that is done"
    /// What nobody has touched for long.
    case sweep = "checkpoints that are too old to be kept"
}

/// How the workspace volume is kept tidy. No task fails for it, and nothing is said of it again
/// until it has gone well: a volume that cannot be written to would fill the log.
extension Runner {
    /// Removes old checkpoints from the workspace volume, now and every few hours.
    func sweep() async {
        guard configuration.workspace != nil else { return }
        repeat {
            await onWorkspace(.sweep) { $0.sweep(at: SystemClock.now.time) }
            // A sleep that is cut short means that the runner ends.
        } while (try? await Task.sleep(for: .seconds(6 * 3_600))) != nil
    }

    /// Removes something from the volume, if there is one, and says what stays.
    func onWorkspace(
        _ task: WorkspaceTask, _ work: @escaping @Sendable (Workspace) -> SystemError?
    ) async {
        guard let workspace = configuration.workspace else { return }
        if let error = await BlockingWork.run({ work(workspace) }) {
            complain(of: task, "\(error)")
        } else {
            complaints.remove(task)
        }
    }

    /// Says once that something stays on the volume.
    func complain(of task: WorkspaceTask, _ reason: String) {
        guard let workspace = configuration.workspace, complaints.insert(task).inserted else {
            return
        }
        log.note(
            "\(task.rawValue) cannot be removed from the workspace volume \(workspace.claim) at "
                + "\(workspace.root), and takes room there: \(reason). Agents need the right to "
                + "write to all of its folder checkpoints",
            level: "warning")
    }
}

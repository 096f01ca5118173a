/// What happens to a runner.
public enum RunnerInput: Hashable, Sendable {
    /// Why a checkpoint could not be committed.
    public enum CommitFailure: Error, Hashable, Sendable {
        /// The task has a checkpoint of this sequence already; the next one is higher.
        case overtaken(by: Int)
        /// It will never be taken, for this reason: too large, or the lease is lost.
        case refused(String)
        /// The gateway could not be reached, or the folder changed while it was read.
        case unavailable(String)
    }

    /// Reports that an earlier process of this agent left behind, all finished.
    case recovered([LeaseReport])
    /// The gateway has answered.
    case reply(SyncReply)
    /// The request `sequence` has failed; the gateway may have said how long to wait.
    case syncFailed(sequence: Int, retryAfter: Duration?)
    /// The attempt's folder stands, with this checkpoint in it; `note` says what went wrong where
    /// one was wanted and is not there.
    case prepared(LeaseID, restored: CheckpointRef?, note: String?)
    /// The attempt's folder could not be made, for this reason.
    case prepareFailed(LeaseID, String)
    /// The attempt's process runs.
    case started(LeaseID)
    /// The attempt has written a line of progress.
    case progress(LeaseID, TaskProgress)
    /// The attempt's process and everything it started are gone, or could not be started.
    case exited(LeaseID, AttemptExit)
    /// A checkpoint is durable.
    case committed(LeaseID, CheckpointRef)
    /// The checkpoint folder holds nothing that is not committed.
    case commitUnchanged(LeaseID)
    /// A checkpoint could not be committed.
    case commitFailed(LeaseID, CommitFailure)
    /// What the agent uses, measured now and then.
    case usage(SyncRequest.Usage)
    /// The agent is asked to end.
    case shutdown
    /// The machine's deadline has come.
    case timer
}

/// What a runner does.
public enum RunnerCommand: Hashable, Sendable {
    /// How a process tree is asked to end.
    public enum Signal: Hashable, Sendable {
        /// SIGTERM to the process group.
        case terminate
        /// SIGKILL to everything the attempt has started.
        case kill
    }

    /// Send this request in place of any that still waits for an answer.
    case sync(SyncRequest)
    /// Make the attempt's folder and put the task's newest checkpoint into it; with `restores`
    /// false an empty one.
    case prepare(LeaseID, LeaseSpec, restores: Bool)
    /// Start the attempt's process.
    case start(LeaseID, LeaseSpec)
    /// Signal the attempt.
    case signal(LeaseID, Signal)
    /// Commit the checkpoint folder as this sequence if it has changed since the last commit.
    case commit(LeaseID, sequence: Int)
    /// Keep this report on disk, so that it outlives the runner.
    case save(LeaseReport)
    /// Remove the attempt's folder.
    case clean(LeaseID)
    /// End the runner.
    case exit
}

import AgentProtocol
import KubernetesCore
import Reconcilers

/// One start of the runner in a pod: the product's `RunnerMachine`, and the processes that it has
/// started.
struct ModelAgent: Sendable {
    let id: RunnerID
    let pod: Key<PodView>
    var machine: RunnerMachine
    let clock: SimulatedClock
    var works: [LeaseID: ModelWork] = [:]
    /// Which replica its connection leads to.
    var replica: Int
    /// Until when it stands still, as on a node that is lost and comes back.
    var frozenUntil = SimulatedTime.zero
    /// When it looks at its clock next.
    var timerAt: SimulatedTime?
}

/// The process of one attempt.
struct ModelWork: Sendable {
    /// How it ends by itself.
    enum End: Sendable, Equatable {
        case exit(Int)
        case outOfMemory
        case never
    }

    let spec: LeaseSpec
    /// Tells one run of a process from another.
    let run: Int
    let endsAt: SimulatedTime
    let end: End
    /// Whether it goes on when it is asked to end.
    let isStubborn: Bool
    var isRunning = true
    /// What it has put into its checkpoint folder, counted in seconds of work.
    var saved = 0
    /// What of that is committed.
    var committed = 0
}

/// What of a pod outlives its containers.
struct ModelDisk: Sendable {
    /// The folders of attempts, with the report where there is one already.
    var folders: [LeaseID: LeaseReport?] = [:]

    /// What a runner that starts anew finds: reports, and attempts of which nobody knows the end.
    func leftBehind(at now: Timestamp) -> [LeaseReport] {
        folders.sorted { $0.key < $1.key }.map { id, report in
            report
                ?? LeaseReport(
                    id: id, state: .finished, finishedAt: now,
                    outcome: AttemptOutcome(
                        .lost("the runner ended while the attempt went on")),
                    message: "lost: the runner ended while the attempt went on")
        }
    }
}

/// The newest checkpoint of a task.
struct ModelCheckpoint: Sendable {
    let attempt: Int
    let ref: CheckpointRef
    /// Seconds of work that are in it.
    let seconds: Int
}

/// What a task's process does, as its arguments say.
struct WorkOrder: Sendable, Hashable {
    /// How long it works.
    var seconds = 5
    /// How many of its first attempts fail.
    var failures = 0
    /// With which exit code.
    var code = 1
    /// Whether failing attempts end their whole agent.
    var takesAgentDown = false
    /// Whether failing attempts never end.
    var hangs = false
    /// Whether it goes on when it is asked to end.
    var isStubborn = false
    /// Whether it saves what it has done.
    var saves = false

    /// The arguments that say so.
    var arguments: [String] {
        [
            "seconds=\(seconds)", "failures=\(failures)", "code=\(code)",
            "down=\(takesAgentDown ? 1 : 0)", "hangs=\(hangs ? 1 : 0)",
            "stubborn=\(isStubborn ? 1 : 0)", "saves=\(saves ? 1 : 0)",
        ]
    }

    /// The plain order.
    init() {}

    /// Reads arguments; what is missing is as in the plain order.
    init(_ arguments: [String]) {
        for argument in arguments {
            let parts = argument.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { continue }
            switch parts[0] {
            case "seconds": seconds = value
            case "failures": failures = value
            case "code": code = value
            case "down": takesAgentDown = value != 0
            case "hangs": hangs = value != 0
            case "stubborn": isStubborn = value != 0
            case "saves": saves = value != 0
            default: continue
            }
        }
    }
}

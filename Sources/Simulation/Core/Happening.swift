import AgentProtocol
import KubernetesCore

/// Something that happens at one time in the simulated cluster.
enum Happening: Sendable {
    /// The request reaches the server.
    case request(Int)
    /// The answer to the request, or the news that there is none, reaches who sent it.
    case answer(Int)
    /// The server's controllers are due.
    case serverTimer
    /// A piece of a watch reaches its reader; an empty one with `ends` closes it.
    case frames(stream: Int, [UInt8], ends: Bool)

    /// A replica's process starts.
    case start(replica: Int)
    /// A machine of a process is told what has happened to it.
    case turn(ProcessID, machine: Int)
    /// An informer of a process looks at its clock.
    case informerTimer(ProcessID, informer: Int)
    /// The elector of a process looks at its clock.
    case electorTimer(ProcessID)
    /// The gateway of a process sees whether it can answer.
    case presence(ProcessID)
    /// The long poll of an agent has lasted long enough.
    case pollEnds(ProcessID, agent: UID, sequence: Int)

    /// An agent's call reaches a gateway.
    case call(AgentCall, replica: Int)
    /// What came of an agent's call reaches it.
    case callEnds(AgentCall, CallEnd)
    /// An agent's checkpoint reaches a gateway.
    case checkpoint(RunnerID, LeaseID, CheckpointRef, replica: Int)
    /// Something happens to an agent's runner.
    case runner(RunnerID, RunnerInput)
    /// A runner looks at its clock.
    case runnerTimer(RunnerID)
    /// The process of an attempt has worked for a while, or to its end.
    case work(RunnerID, LeaseID, run: Int)

    /// The node looks at one of its pods.
    case pod(UID)
    /// Something happens to a node.
    case node(Int, NodeFault)
    /// A user does the next thing.
    case user(Int)
    /// A fault that lasts begins or ends.
    case fault(LastingFault)

    /// What happens, and to whom.
    var subject: String {
        switch self {
        case .turn(let id, let machine): "a turn of machine \(machine) of r\(id.replica)"
        case .informerTimer(let id, let informer):
            "a look at the clock by informer \(informer) of r\(id.replica)"
        case .electorTimer(let id): "a look at the clock by the elector of r\(id.replica)"
        case .runnerTimer(let id): "a look at the clock by agent \(id.pod)"
        case .call(let call, _), .callEnds(let call, _): "a call of agent \(call.runner.pod)"
        case .pod(let uid): "a look at pod \(uid)"
        case .request, .answer: "a request"
        default: "something else"
        }
    }
}

/// One start of one replica of the operator.
struct ProcessID: Hashable, Sendable {
    let replica: Int
    let start: Int

    /// What it is called in the election. A container that is started anew keeps its host name and
    /// its process id, so that each start has a name of its own, as `swiftlet-operator` gives it.
    var identity: String { "operator-\(replica)-\(start)" }
}

/// One start of the runner in one pod.
struct RunnerID: Hashable, Sendable {
    let pod: UID
    let start: Int
}

/// A call of an agent on its way.
struct AgentCall: Sendable {
    let runner: RunnerID
    let request: SyncRequest
}

/// What came of an agent's call.
enum CallEnd: Sendable {
    case reply(SyncReply)
    case failed(retryAfter: Duration?)
}

/// What happens to a node.
enum NodeFault: Sendable {
    case goes
    case comesBack
    /// The node controller has missed it for long enough.
    case isMissed
}

/// A fault that lasts.
enum LastingFault: Sendable {
    case crash(replica: Int)
    case shutdown(replica: Int)
    case pause(replica: Int, Duration)
    case lag(replica: Int, ResourceType, Duration)
    case cut(replica: Int)
    case partition(replica: Int, Duration)
    /// The leader goes while the other replica sees a kind late.
    case failover(ResourceType, Duration, crashes: Bool)
    case leaderGoes(replica: Int, crashes: Bool)
    case gatewayOutage(Duration)
    case serverOutage(Duration)
    case clockStep(replica: Int, Duration)
    case heal
}

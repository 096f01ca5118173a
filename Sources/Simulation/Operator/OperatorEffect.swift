import AgentProtocol
import ControlLoop
import KubernetesCore

/// What a process of the operator wants of the world around it.
enum OperatorEffect: Sendable {
    /// Send a request and give it up after so long.
    case send(APIRequest, within: Duration, Errand)
    /// Close the stream of an informer.
    case hangUp(informer: Int)
    /// Tell a machine soon what has happened to it.
    case turnSoon(machine: Int)
    /// Tell a machine when its clock shows this.
    case turn(machine: Int, at: Instant)
    /// Look at an informer when the clock shows this.
    case wakeInformer(Int, at: Instant)
    /// Look at the elector when the clock shows this.
    case wakeElector(at: Instant)
    /// Answer an agent's call.
    case answer(AgentCall, CallEnd)
    /// End an agent's long poll when the clock shows this.
    case endPoll(agent: UID, sequence: Int, at: Instant)
    /// See soon whether agents can be answered.
    case watchPresence
    /// The process ends.
    case exit(String)
    /// For the checkers: what an agent says has been taken in.
    case heard(UID)
    /// For the checkers: a plan goes out, for a picture.
    case planned(PlanRecord)
}

/// Why a request of the operator is sent, and so what its answer is given to.
enum Errand: Sendable {
    /// The open question of an informer.
    case informer(Int, question: Int)
    /// An action of a plan.
    case action(flight: Int, number: Int, Action)
    /// The look at an object whose name was taken.
    case lookUp(flight: Int, number: Int, Action)
    /// The election's own reads and writes.
    case election(Action?)
}

/// A plan as the checkers see it.
struct PlanRecord: Sendable {
    let machine: String
    let root: ObjectRef
    let plan: Plan
    /// Writes for the same object that had been confirmed and that the picture does not show yet.
    var unseen: [Write] = []
}

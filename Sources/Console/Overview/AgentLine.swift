public import KubernetesCore
public import SwiftletAPI

/// What a list shows of an agent.
public struct AgentLine: Hashable, Sendable {
    /// The pool that it belongs to.
    public var pool: Key<BackgroundAgentPool>
    /// The pod's name.
    public var name: String
    /// What it is at.
    public var state: BackgroundAgentPoolStatus.Agent.State
    /// `Healthy`, or why not, in one word.
    public var health: String
    /// The tasks that it works on, at most as many as it has slots.
    public var tasks: [Key<BackgroundTask>]
    /// How many attempts it runs at once.
    public var slots: Int
    /// How often its container was started anew.
    public var restarts: Int
    /// When it last called, as of the pool's status.
    public var lastHeartbeat: Timestamp?
    /// Processor time that it uses, as a quantity.
    public var cpu: String?
    /// Memory that it uses, as a quantity.
    public var memory: String?

    /// A line about an agent of `pool` that works on `tasks`. The leases are newer than the pool's
    /// status: an agent that has one is busy, whatever the status says.
    init(
        _ agent: BackgroundAgentPoolStatus.Agent, of pool: BackgroundAgentPool,
        tasks: [Key<BackgroundTask>]
    ) {
        self.pool = pool.key
        name = PlainText.of(agent.name, max: 253)
        state = agent.state
        if agent.state == .idle, !tasks.isEmpty { state = .busy }
        if agent.state == .busy, tasks.isEmpty { state = .idle }
        health = PlainText.of(agent.health, max: 60)
        self.tasks = Array(tasks.prefix(pool.spec.slotsPerAgent))
        slots = pool.spec.slotsPerAgent
        restarts = agent.restarts
        lastHeartbeat = agent.lastHeartbeatTime
        cpu = agent.cpu.map { PlainText.of($0, max: 30) }
        memory = agent.memory.map { AgentLine.rounded(PlainText.of($0, max: 30)) }
    }

    /// Memory in mebibytes: agents say it in kibibytes, which nobody reads.
    private static func rounded(_ text: String) -> String {
        guard text.hasSuffix("Ki"), let count = Int(text.dropLast(2)), count >= 10_240 else {
            return text
        }
        return "\((count + 512) / 1_024)Mi"
    }
}

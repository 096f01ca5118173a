import KubernetesCore

/// Which faults a run has, and how often. Drawn in two steps: first whether a kind of fault
/// happens in the run at all, then how often. So rare combinations are common over many seeds.
struct FaultProfile: Sendable {
    /// Of a thousand requests of the operator, so many are refused with 429 or 5xx.
    var refused = 0
    /// So many do not reach the server.
    var unreachable = 0
    /// So many are carried out, and their answers lost.
    var answerLost = 0
    /// So many writes are answered with a conflict that is none.
    var falseConflict = 0
    /// So many take seconds.
    var slow = 0
    /// After each write that was carried out, the process crashes with this probability.
    var crashAfterWrite = 0
    /// After each write that was carried out, the process is cut off with this probability.
    var cutOffAfterWrite = 0
    /// Of a thousand writes to agents, so many find another of its name there.
    var replacedBeforeWrite = 0
    /// Of a thousand pieces of watches, so many come twice.
    var duplicated = 0
    /// So many break their watch off.
    var cut = 0
    /// Of a thousand calls of agents, so many are lost on their way.
    var callLost = 0
    /// So many answers to them are lost.
    var replyLost = 0
    /// So many calls come twice or late.
    var callRepeated = 0
    /// Of a thousand attempts, so many end their whole agent.
    var agentCrash = 0
    /// So many hang and ignore being told to end.
    var hang = 0
    /// Pods that are evicted, by a thousand.
    var evicted = 0
    /// Of a thousand agents that end, so many see their leader go before the other replica knows.
    var failoverOnLoss = 0
    /// Faults that last, by kind: how many of each.
    var crashes = 0
    var shutdowns = 0
    var pauses = 0
    var lags = 0
    var partitions = 0
    /// Changes of leaders to a replica that is behind.
    var failovers = 0
    var gatewayOutages = 0
    var serverOutages = 0
    var clockSteps = 0
    var nodeLosses = 0
    /// How far clocks may be off, in seconds.
    var skewSeconds = 0
    /// How fast or slow steady clocks may be, in parts of a million.
    var driftPPM = 0
    /// How many changes the server remembers: few, so that watches expire.
    var historyMax = 2_000
    /// Whether pictures are asked for in pages rather than as streams.
    var usesPages = false

    /// No faults.
    static let none = FaultProfile()

    /// The faults of one run.
    static func drawn(_ dice: inout Dice) -> FaultProfile {
        var profile = FaultProfile()
        func site(_ most: Int) -> Int { dice.happens(400) ? 1 + dice.below(most) : 0 }
        profile.refused = site(120)
        profile.unreachable = site(80)
        profile.answerLost = site(120)
        profile.falseConflict = site(80)
        profile.slow = site(60)
        profile.crashAfterWrite = site(40)
        profile.cutOffAfterWrite = site(15)
        profile.duplicated = site(150)
        profile.cut = site(40)
        profile.callLost = site(150)
        profile.replyLost = site(150)
        profile.callRepeated = site(150)
        profile.agentCrash = site(150)
        profile.hang = site(80)
        profile.evicted = site(200)
        profile.failoverOnLoss = site(700)
        profile.crashes = site(4)
        profile.shutdowns = site(3)
        profile.pauses = site(4)
        profile.lags = site(6)
        profile.partitions = site(3)
        profile.failovers = site(2)
        profile.gatewayOutages = site(3)
        profile.serverOutages = site(2)
        profile.clockSteps = site(1)
        profile.nodeLosses = site(2)
        profile.skewSeconds = site(5)
        profile.driftPPM = site(20_000)
        profile.historyMax = dice.happens(400) ? 20 + dice.below(80) : 2_000
        profile.usesPages = dice.happens(250)
        return profile
    }
}

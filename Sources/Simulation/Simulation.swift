import KubernetesCore

/// Runs the cluster of one seed: users work and things go wrong; then nothing goes wrong any more,
/// and everything has to come to rest and stay so. The same seed gives the same run.
public struct Simulation: Sendable {
    /// What came of one run.
    public struct Report: Sendable {
        /// The seed.
        public let seed: UInt64
        /// The first invariant that was broken; nil where all held.
        public let violation: Violation?
        /// Equal for equal runs.
        public let traceHash: UInt64
        /// How much happened.
        public let steps: Int
        /// How long it lasted, in the cluster's time.
        public let length: Duration
        /// Tasks that ended.
        public let tasks: Int
        /// Changes at the server, the election apart.
        public let changes: Int
        /// What went wrong on purpose.
        public let faults: FaultCounts
        /// Every step in a line, where that was asked for.
        public let trace: [String]
    }

    /// How long nothing may change for the cluster to be at rest.
    static let silence = Duration.seconds(120)
    /// How many steps a run may take. Far more than any needs: a run that gets there spins.
    static let stepsMax = 60_000
    /// How much may happen within a second. Far more than ever does.
    static let bustleMax = 20_000
    /// How long it may take to come to rest once nothing goes wrong any more.
    static let patience = Duration.seconds(1_800)

    /// Runs one seed.
    /// - Parameters:
    ///   - defects: deliberate mistakes, to see that the checkers find them.
    ///   - keepsTrace: whether every step is told.
    public static func run(
        seed: UInt64, defects: Defects = [], keepsTrace: Bool = false
    ) -> Report {
        var cluster = Cluster(seed: seed, defects: defects, keepsTrace: keepsTrace)
        cluster.finish()
        return Report(
            seed: seed, violation: cluster.violation, traceHash: cluster.trace.hash,
            steps: cluster.trace.steps, length: cluster.now - .zero,
            tasks: cluster.checker.finishedTasks, changes: cluster.checker.changeCount,
            faults: cluster.counts, trace: cluster.trace.lines)
    }
}

extension Cluster {
    /// Runs to the end, or to the first violation.
    mutating func finish() {
        while violation == nil, stage != .over, step() {
            if trace.steps > Simulation.stepsMax {
                fail(Violation("bounded", "the cluster", "it does ever more", at: now))
            }
            guard stage == .healing, let healed = checker.healedAt else { continue }
            // An attempt that hangs has its time, and nothing is written meanwhile.
            if now - max(checker.lastChange, healed) >= Simulation.silence,
                !history.hasRunningAttempt
            {
                if let reason = unsettled {
                    fail(Violation("converges", reason.object, reason.why, at: now))
                }
                stage = .over
            } else if now - healed > Simulation.patience {
                let reason = unsettled
                fail(
                    Violation(
                        "comes to rest", reason?.object ?? "the cluster",
                        reason?.why ?? "it is as it should be, and is written all the same",
                        at: now))
            }
        }
    }

    /// Notes what is broken; the first counts.
    mutating func fail(_ found: Violation?) {
        guard var found, violation == nil else { return }
        found.step = trace.steps
        found.excerpt = checker.excerpt(about: found.object + " " + found.sentence)
        violation = found
    }
}

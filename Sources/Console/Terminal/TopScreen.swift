import KubernetesCore
import SwiftletAPI

/// What `swiftlet top` shows: as many lines as the terminal has, each as long as it is wide.
public struct TopScreen: Sendable {
    private let overview: ClusterOverview
    private let place: String

    /// A screen of `overview`.
    /// - Parameter place: the namespace that is looked at; empty for all of them.
    public init(_ overview: ClusterOverview, place: String) {
        self.overview = overview
        self.place = place
    }

    /// The lines.
    /// - Parameters:
    ///   - width: the columns of the terminal; nil for as many as it takes.
    ///   - height: the lines of the terminal; nil for everything.
    public func lines(width: Int? = nil, height: Int? = nil) -> [String] {
        let sections = [pools, running, waiting, ended, agents].filter { $0.rows > 0 }
        // The head and a blank line before each section; what is left is shared.
        let room = height.map { max(sections.count, $0 - head.count - 3 * sections.count) }
        let shares = TopScreen.shares(of: room, among: sections.map(\.rows))
        var lines = head
        for (section, share) in zip(sections, shares) {
            lines.append("")
            let count = section.total
            lines.append(section.title + (count > share ? " (\(share) of \(count))" : ""))
            lines += section.table.lines(width: width).prefix(share + 1)
        }
        if !overview.isComplete { lines.append("(not everything has been read yet)") }
        let cut = lines.map { line in width.map { DisplayWidth.cut(line, to: $0) } ?? line }
        return height.map { Array(cut.prefix($0)) } ?? cut
    }

    /// How `room` lines are shared: everyone gets what it needs up to an equal part; what is left
    /// over goes to the first ones that need more.
    static func shares(of room: Int?, among needs: [Int]) -> [Int] {
        guard let room else { return needs }
        var shares = needs.map { min($0, max(1, room / max(1, needs.count))) }
        var rest = room - shares.reduce(0, +)
        for index in shares.indices where rest > 0 {
            let more = min(rest, needs[index] - shares[index])
            shares[index] += more
            rest -= more
        }
        return shares
    }

    private struct Section {
        let title: String
        let table: TextTable
        let rows: Int
        let total: Int
    }

    private var head: [String] {
        func count(_ phase: TaskPhase) -> Int { overview.count(phase) }
        let held = count(.blocked) + count(.scheduled) + count(.pending)
        let namespace = place.isEmpty ? "all namespaces" : "namespace \(place)"
        return [
            "Swiftlet, \(namespace), \(overview.time.description)",
            "agents \(overview.readyAgents)/\(overview.desiredAgents)   "
                + "running \(count(.running))   queued \(count(.queued))   held \(held)   "
                + "succeeded \(count(.succeeded))   failed \(count(.failed))",
        ]
    }

    private func name(_ namespace: String, _ name: String) -> String {
        place.isEmpty ? namespace + "/" + name : name
    }

    private var pools: Section {
        let rows = overview.pools.shown.map { pool in
            [
                name(pool.key.namespace, pool.key.name), pool.stateText,
                "\(pool.ready)/\(pool.desired)",
                ProgressBar.of(
                    busy: pool.busy, idle: pool.idle, of: max(pool.desired, pool.ready)),
                "\(pool.count(.running))", "\(pool.count(.queued))", "\(pool.held)",
                pool.count(.queued) > 0 ? AgeText.of(pool.oldestQueued) : "–",
                DecimalText.of(pool.performance?.p95DurationSeconds),
                DecimalText.of(pool.performance?.tasksPerMinute),
            ]
        }
        return Section(
            title: "POOLS",
            table: TextTable(
                [
                    "NAME", "STATE", "AGENTS", "BUSY#IDLE-", "RUNNING", "QUEUED", "HELD", "OLDEST",
                    "P95 S", "PER MIN",
                ], rows: rows), rows: rows.count, total: overview.pools.total)
    }

    private var running: Section {
        let rows = overview.running.shown.map { line in
            let bar =
                line.percent.map { ProgressBar.of(percent: $0, width: 12) + " \($0)%" } ?? ""
            return [
                name(line.key.namespace, line.key.name), line.poolText ?? "", line.agent ?? "",
                line.attemptText, line.duration.map { AgeText.of($0) } ?? "", bar, line.activity,
            ]
        }
        return Section(
            title: "RUNNING",
            table: TextTable(
                ["NAME", "POOL", "AGENT", "ATTEMPT", "FOR", "PROGRESS", ""], rows: rows),
            rows: rows.count, total: overview.running.total)
    }

    private var waiting: Section {
        let rows = overview.waiting.shown.map { line in
            [
                name(line.key.namespace, line.key.name), line.poolText ?? "",
                line.position.map(String.init) ?? "–", "\(line.priority)",
                AgeText.of(overview.time - line.since),
                line.reason.isEmpty ? line.phase.rawValue : line.reason, line.message,
            ]
        }
        return Section(
            title: "WAITING",
            table: TextTable(
                ["NAME", "POOL", "PLACE", "PRIORITY", "FOR", "WHY", ""], rows: rows),
            rows: rows.count, total: overview.waiting.total)
    }

    private var ended: Section {
        let rows = overview.ended.map { line in
            [
                name(line.key.namespace, line.key.name), line.poolText ?? "",
                line.phase.rawValue, line.attemptText,
                line.duration.map { AgeText.of($0) } ?? "",
                AgeText.of(overview.time - line.since),
                line.phase == .succeeded ? "" : line.message,
            ]
        }
        return Section(
            title: "ENDED LAST",
            table: TextTable(
                ["NAME", "POOL", "OUTCOME", "ATTEMPT", "TOOK", "AGO", ""], rows: rows),
            rows: rows.count, total: rows.count)
    }

    private var agents: Section {
        let rows = overview.agents.shown.map { agent in
            [
                name(agent.pool.namespace, agent.name), agent.pool.name, agent.state.rawValue,
                "\(agent.tasks.count)/\(agent.slots)", agent.cpu ?? "", agent.memory ?? "",
                agent.tasks.prefix(3).map(\.name).joined(separator: " "),
            ]
        }
        return Section(
            title: "AGENTS",
            table: TextTable(
                ["NAME", "POOL", "STATE", "SLOTS", "CPU", "MEMORY", "TASKS"], rows: rows),
            rows: rows.count, total: overview.agents.total)
    }
}

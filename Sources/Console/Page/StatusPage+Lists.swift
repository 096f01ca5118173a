import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// The overview, and the lists that it shares with the page of a pool.
extension StatusPage {
    /// Everything at once.
    func overview(_ overview: ClusterOverview) -> HTML {
        """
        <h1 class="sr">Pools, agents and tasks</h1>
        \(warning(overview))\(tiles(overview))
        \(panel("pools", "Pools", count: overview.pools.total, pools(overview)))\
        <div class="pair">\(lists(overview))</div>
        \(panel("agents", "Agents", count: overview.agents.total, agents(overview)))\
        \(panel("ended", "Ended last", ended(overview)))
        """
    }

    /// What runs and what waits, beside each other.
    func lists(_ overview: ClusterOverview) -> HTML {
        """
        \(panel("running", "Running", count: overview.running.total, running(overview)))\
        \(panel("waiting", "Waiting", count: overview.waiting.total, waiting(overview)))
        """
    }

    /// Says that the picture is not whole yet.
    func warning(_ overview: ClusterOverview) -> HTML {
        guard !overview.isComplete else { return "" }
        return """
            <p class="warning" role="status">The operator has not read everything yet: \
            what is missing here may exist.</p>
            """
    }

    func tiles(_ overview: ClusterOverview) -> HTML {
        let held =
            overview.count(.blocked) + overview.count(.scheduled) + overview.count(.pending)
        let failed = overview.count(.failed)
        func count(_ number: Int) -> String { DecimalText.grouped(number) }
        let tiles = [
            tile(
                "Agents ready", count(overview.readyAgents), "of \(overview.desiredAgents) wanted"),
            tile("Running", count(overview.count(.running)), "tasks", colour: "busy"),
            tile("Queued", count(overview.count(.queued)), "wait for an agent"),
            tile("Held", count(held), "wait for a task or a time"),
            tile("Succeeded", count(overview.count(.succeeded)), "kept", colour: "ok"),
            tile("Failed", count(failed), "kept", colour: failed > 0 ? "bad" : ""),
        ]
        return "<ul class=\"tiles\" aria-label=\"In numbers\">\n\(tiles)</ul>"
    }

    func pools(_ overview: ClusterOverview) -> HTML {
        let columns = [
            Column("Pool"), Column("State"), Column("Agents"), Column("Running", number: true),
            Column("Queued", number: true), Column("Held", number: true),
            Column("Oldest wait", number: true), Column("Succeeded", number: true),
            Column("Failed", number: true), Column("p95 run", number: true),
        ]
        let rows = overview.pools.shown.map { pool in
            Row(
                key: pool.key.description,
                cells: [
                    link(pool.key, quiet: true), pill(pool), bar(pool),
                    number(pool.count(.running)), number(pool.count(.queued)), number(pool.held),
                    pool.count(.queued) > 0 ? span(pool.oldestQueued) : span(nil),
                    number(pool.succeeded), number(pool.failed),
                    seconds(pool.performance?.p95DurationSeconds),
                ])
        }
        return table(
            "Pools, those in trouble first", columns, rows, rest: overview.pools.rest,
            empty: "No pool yet. <code>kubectl apply -f manifests/samples</code> makes two.")
    }

    private func number(_ count: Int) -> HTML {
        count == 0 ? "<span class=\"zero\">0</span>" : "\(DecimalText.grouped(count))"
    }

    private func seconds(_ value: Double?) -> HTML {
        guard let value else { return span(nil) }
        return "\(DecimalText.of(value))\u{202F}s"
    }

    func running(_ overview: ClusterOverview) -> HTML {
        let columns = [
            Column("Task"), Column("Pool"), Column("Progress"), Column("Attempt", number: true),
            Column("For", number: true),
        ]
        let rows = overview.running.shown.map { line in
            Row(
                key: line.key.description,
                cells: [
                    link(line.key), link(line.pool), progress(line), "\(line.attemptText)",
                    span(line.duration),
                ])
        }
        return table(
            "Running tasks, the longest first", columns, rows, rest: overview.running.rest,
            empty: "Nothing runs.")
    }

    func waiting(_ overview: ClusterOverview) -> HTML {
        let columns = [
            Column("#", number: true), Column("Task"), Column("Pool"), Column("Why"),
            Column("Priority", number: true), Column("For", number: true),
        ]
        let rows = overview.waiting.shown.map { line in
            Row(
                key: line.key.description,
                cells: [
                    line.position.map { "\($0)" } ?? span(nil), link(line.key), link(line.pool),
                    why(line), "\(line.priority)", ago(line.since),
                ])
        }
        return table(
            "Waiting tasks, the next ones first", columns, rows, rest: overview.waiting.rest,
            empty: "Nothing waits.")
    }

    private func why(_ line: TaskLine) -> HTML {
        let word = line.reason.isEmpty ? line.phase.rawValue : line.reason
        let colour = line.phase == .queued ? "wait" : "idle"
        return pill(colour, word, title: line.message)
    }

    func agents(_ overview: ClusterOverview) -> HTML {
        let columns = [
            Column("Agent"), Column("Pool"), Column("State"), Column("Works on"),
            Column("CPU", number: true), Column("Memory", number: true),
            Column("Restarts", number: true),
        ]
        let rows = overview.agents.shown.map { agent in
            let tasks: [HTML] = agent.tasks.prefix(3).map { "\(link($0, quiet: false)) " }
            let rest = agent.tasks.count - tasks.count
            let more: HTML = rest > 0 ? "<span class=\"quiet\">and \(rest) more</span>" : ""
            return Row(
                key: agent.pool.description + "/" + agent.name,
                cells: [
                    "<span class=\"code\">\(agent.name)</span>", link(agent.pool), pill(agent),
                    tasks.isEmpty ? span(nil) : "\(tasks)\(more)",
                    agent.cpu.map { "\($0)" } ?? span(nil),
                    agent.memory.map { "\($0)" } ?? span(nil), number(agent.restarts),
                ])
        }
        return table(
            "Agents, those in trouble first, then those at work", columns, rows,
            rest: overview.agents.rest, empty: "No agent yet.")
    }

    func ended(_ overview: ClusterOverview) -> HTML {
        let columns = [
            Column("Task"), Column("Pool"), Column("Outcome"), Column("Attempts", number: true),
            Column("Took", number: true), Column("Ago", number: true), Column("Said"),
        ]
        let rows = overview.ended.map { line in
            let said: HTML = "<span class=\"quiet clip\">\(line.message)</span>"
            return Row(
                key: line.key.description,
                cells: [
                    link(line.key), link(line.pool), pill(line.phase, title: line.reason),
                    "\(line.attempt)", span(line.duration), ago(line.since),
                    line.phase == .succeeded ? span(nil) : said,
                ])
        }
        return table(
            "Tasks that ended last, the latest first", columns, rows, empty: "Nothing has ended.")
    }
}

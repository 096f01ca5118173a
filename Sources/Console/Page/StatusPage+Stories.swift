import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// The pages of one pool and of one task.
extension StatusPage {
    /// One pool.
    func pool(_ key: Key<BackgroundAgentPool>) -> PageReply {
        guard let pool = subject.view[key] else { return gone("pool", key.description) }
        let overview = ClusterOverview(
            of: subject.view, pool: key, ended: subject.ended.latest(of: key), at: subject.time)
        guard let line = overview.pools.shown.first else { return gone("pool", key.description) }
        let message: HTML = line.message.isEmpty ? "" : "<p class=\"said\">\(line.message)</p>"
        return page(
            title: "Pool \(key.description)",
            """
            \(trail("Pool \(key.description)"))
            <h1>\(key.name)\(pill(line))</h1>
            \(message)\(tiles(overview))
            \(panel("facts", "Facts", facts(facts(of: line))))\
            <div class="pair">\(lists(overview))</div>
            \(panel("agents", "Agents", count: overview.agents.total, agents(overview)))\
            \(panel("conditions", "Conditions", conditions(pool.status.conditions)))\
            \(panel("ended", "Ended last", ended(overview)))
            """)
    }

    private func facts(of line: PoolLine) -> [(String, HTML)] {
        let performance = line.performance
        let bounds: HTML =
            line.scaling.map { "\($0.lowerBound) to \($0.upperBound) agents" } ?? "off"
        let p50 = DecimalText.of(performance?.schedulingP50Milliseconds)
        let p99 = DecimalText.of(performance?.schedulingP99Milliseconds)
        return [
            ("Namespace", "\(line.key.namespace)"), ("Tenant", "\(line.tenant ?? "–")"),
            ("Autoscaling", bounds), ("Slots", "\(line.slots)"),
            ("Of the current template", "\(line.updated) of \(line.replicas)"),
            ("Average run", "\(DecimalText.of(performance?.averageDurationSeconds)) s"),
            ("95 of 100 run under", "\(DecimalText.of(performance?.p95DurationSeconds)) s"),
            ("From queued to running", "\(p50) ms, 99 of 100 under \(p99) ms"),
            ("Tasks a minute", "\(DecimalText.of(performance?.tasksPerMinute))"),
            ("Made", ago(line.created)),
        ]
    }

    /// One task's story.
    func task(_ key: Key<BackgroundTask>) -> PageReply {
        guard let task = subject.view[key] else { return gone("task", key.description) }
        let line = TaskLine(task, at: subject.time)
        let pool = task.poolKey.flatMap { subject.view[$0] }
        let told = TaskExplanation(of: task, pool: pool, at: subject.time).json
        let message: HTML = line.message.isEmpty ? "" : "<p class=\"said\">\(line.message)</p>"
        let hint: HTML =
            told["hint"]?.string.map { "<p class=\"hint\"><b>Next:</b> \($0)</p>" } ?? ""
        let bar: HTML =
            task.status.phase == .running && line.percent != nil
            ? "<p class=\"wide\">\(progress(line))</p>" : ""
        return page(
            title: "Task \(key.description)",
            """
            \(trail("Task \(key.description)"))
            <h1>\(key.name)\(pill(line.phase, title: line.reason))</h1>
            \(message)\(hint)\(bar)
            \(panel("facts", "Facts", facts(facts(of: task, line))))\
            \(panel("story", "Story", story(of: task)))\
            \(panel("attempts", "Attempts", attempts(of: task)))\
            \(panel("conditions", "Conditions", conditions(task.status.conditions)))\
            \(panel("commands", "On the command line", commands(key)))
            """)
    }

    private func facts(of task: BackgroundTask, _ line: TaskLine) -> [(String, HTML)] {
        let status = task.status
        var facts: [(String, HTML)] = [
            ("Namespace", "\(line.key.namespace)"), ("Pool", link(line.pool, quiet: true)),
            ("Type", "\(line.type)"), ("Priority", "\(line.priority)"),
            ("Reason", "\(line.reason.isEmpty ? "–" : line.reason)"),
        ]
        if let position = line.position, line.phase == .queued {
            facts.append(("Place in the queue", "\(position)"))
        }
        if let names = status.queue?.blockedBy, !names.isEmpty {
            facts.append(("Waits for", "\(names.prefix(10).joined(separator: ", "))"))
        }
        let dependencies = task.spec.dependsOn.prefix(10).map { dependency -> HTML in
            let other = Key<BackgroundTask>(namespace: line.key.namespace, name: dependency.name)
            return "\(link(other, quiet: false)) "
        }
        if !dependencies.isEmpty { facts.append(("Comes after", HTML(dependencies))) }
        if let agent = line.agent {
            facts.append(("Agent", "<span class=\"code\">\(agent)</span>"))
        }
        facts.append(("Attempts", "\(line.attempt) of at most \(line.attemptsMax)"))
        if status.infrastructureLosses > 0 {
            facts.append(("Agents lost under it", "\(status.infrastructureLosses)"))
        }
        if let checkpoint = status.checkpoint {
            facts.append(
                ("Checkpoint", "\(checkpoint.sequence), \(checkpoint.bytes) bytes"))
        }
        if let children = status.children {
            let (good, bad) = (children.succeeded.count, children.failed.count)
            facts.append(
                ("Parts", "\(good) succeeded, \(bad) failed, of \(children.total)"))
        }
        facts.append(("Trace", "<span class=\"code\">\(task.trace.traceID)</span>"))
        if let text = status.strategy?.reason { facts.append(("Strategy", "\(text)")) }
        return facts
    }

    private func story(of task: BackgroundTask) -> HTML {
        let status = task.status
        var steps: [(Timestamp, HTML)] = [(task.metadata.creationTime, "Submitted")]
        if let time = status.queuedTime { steps.append((time, "Queued for the first time")) }
        for attempt in status.attempts {
            let agent = attempt.agent.map { " on \($0.name)" } ?? ""
            if let time = attempt.startTime {
                steps.append((time, "Attempt \(attempt.number) began\(agent)"))
            }
            if let time = attempt.completionTime {
                let why = attempt.failure.map { ": " + ($0.message ?? $0.reason) } ?? ""
                steps.append(
                    (time, "Attempt \(attempt.number): \(attempt.outcome.rawValue)\(why)"))
            }
        }
        if status.phase == .running, let time = status.startTime {
            let agent = status.agent.map { " on \($0.name)" } ?? ""
            steps.append((time, "Attempt \(status.attempt) began\(agent)"))
        }
        if let time = status.checkpoint?.time { steps.append((time, "Checkpoint stored")) }
        if let time = status.completionTime {
            steps.append((time, "<b>Ended: \(status.phase.rawValue)</b>"))
        }
        // Stable: what happened in the same second stays in the order in which it was told.
        let ordered = steps.enumerated().sorted {
            ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
        }
        let items: [HTML] = ordered.map { _, step in
            """
            <li><time datetime="\(step.0.description)">\(step.0.description)</time>\
            <span>\(step.1)</span></li>

            """
        }
        return "<ol class=\"story\">\n\(items)</ol>"
    }

    private func attempts(of task: BackgroundTask) -> HTML {
        let columns = [
            Column("#", number: true), Column("Outcome"), Column("Agent"), Column("Node"),
            Column("Took", number: true), Column("Why"),
        ]
        let rows = task.status.attempts.map { attempt in
            let failure = attempt.failure.map { failure in
                let code = failure.exitCode.map { ", exit code \($0)" } ?? ""
                return "\(failure.class.rawValue)\(code): \(failure.message ?? failure.reason)"
            }
            var took: Duration?
            if let began = attempt.startTime, let ended = attempt.completionTime {
                took = ended - began
            }
            return Row(
                key: "\(attempt.number)",
                cells: [
                    "\(attempt.number)", pill(attempt.outcome),
                    attempt.agent.map { "<span class=\"code\">\($0.name)</span>" } ?? span(nil),
                    "\(attempt.agent?.node ?? "–")", span(took), "\(failure ?? "–")",
                ])
        }
        return table(
            "Attempts that have ended, at most the last ten", columns, rows,
            empty: "No attempt has ended.")
    }

    private func pill(_ outcome: BackgroundTaskStatus.Attempt.Outcome) -> HTML {
        let colour =
            switch outcome {
            case .succeeded: "ok"
            case .failed: "bad"
            case .lost, .preempted: "wait"
            case .cancelled: "idle"
            }
        return pill(colour, outcome.rawValue)
    }

    private func commands(_ key: Key<BackgroundTask>) -> HTML {
        let place = "-n \(key.namespace)"
        return """
            <pre><code>kubectl describe bt/\(key.name) \(place)
            swiftlet explain task/\(key.name) \(place)
            swiftlet logs task/\(key.name) \(place)</code></pre>
            """
    }

    // MARK: - Shared

    private func conditions(_ conditions: [Condition]) -> HTML {
        let columns = [
            Column("Condition"), Column("Status"), Column("Reason"), Column("Said"),
            Column("Since", number: true),
        ]
        let rows = conditions.prefix(20).map { condition in
            Row(
                key: condition.type,
                cells: [
                    "\(condition.type)", "\(condition.status.rawValue)", "\(condition.reason)",
                    "<span class=\"quiet\">\(condition.message)</span>",
                    ago(condition.lastTransitionTime),
                ])
        }
        return table("Conditions", columns, Array(rows), empty: "None yet.")
    }

    private func facts(_ facts: [(String, HTML)]) -> HTML {
        let items: [HTML] = facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" }
        return "<dl class=\"facts\">\n\(items)</dl>"
    }

    private func trail(_ here: String) -> HTML {
        """
        <nav aria-label="Where you are"><a href="./">Overview</a> \
        <span aria-current="page">\(here)</span></nav>
        """
    }

    private func gone(_ kind: String, _ name: String) -> PageReply {
        page(
            title: "Not there", status: 404,
            """
            \(trail("Not there"))<h1>There is no \(kind) \(name)</h1>
            <p class="said">It was deleted, or it was never there. Finished tasks are deleted \
            after spec.ttlSecondsAfterFinished.</p>
            """)
    }
}

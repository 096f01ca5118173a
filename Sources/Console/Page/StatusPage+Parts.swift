import KubernetesCore
import Reconcilers
import SwiftletAPI

/// The pieces that every document is made of.
extension StatusPage {
    /// One column of a table.
    struct Column {
        let title: String
        var isNumber = false

        init(_ title: String, number: Bool = false) {
            self.title = title
            isNumber = number
        }
    }

    /// One row: its cells, and what tells it from others when the page is brought up to date.
    struct Row {
        let key: String
        let cells: [HTML]
    }

    /// A word in a coloured lozenge. Colours: ok, busy, wait, bad, idle.
    func pill(_ colour: String, _ text: String, title: String = "") -> HTML {
        let hint: HTML = title.isEmpty ? "" : " title=\"\(title)\""
        return "<span class=\"pill \(colour)\"\(hint)>\(text)</span>"
    }

    /// A part of the page with a heading.
    func panel(_ id: String, _ title: String, count: Int? = nil, _ content: HTML) -> HTML {
        let badge: HTML =
            count.map { "<span class=\"badge\">\(DecimalText.grouped($0))</span>" } ?? ""
        return """
            <section id="\(id)" class="panel" aria-labelledby="\(id)-title" data-key="\(id)">\
            <h2 id="\(id)-title">\(title)\(badge)</h2>
            \(content)</section>

            """
    }

    /// A table, or a sentence where it has no rows.
    func table(
        _ caption: String, _ columns: [Column], _ rows: [Row], rest: Int = 0, empty: HTML
    ) -> HTML {
        guard !rows.isEmpty else { return "<p class=\"empty\">\(empty)</p>" }
        let heads: [HTML] = columns.map { column in
            let style: HTML = column.isNumber ? " class=\"n\"" : ""
            return "<th scope=\"col\" role=\"columnheader\"\(style)>\(column.title)</th>"
        }
        let lines: [HTML] = rows.map { row in
            let cells: [HTML] = zip(columns, row.cells).map { column, cell in
                let style: HTML = column.isNumber ? " class=\"n\"" : ""
                return """
                    <td role="cell" data-label="\(column.title)"\(style)>\(cell)</td>
                    """
            }
            return "<tr role=\"row\" data-key=\"\(row.key)\">\(cells)</tr>\n"
        }
        let more: HTML =
            rest > 0
            ? "<p class=\"more\">and \(DecimalText.grouped(rest)) more</p>" : ""
        return """
            <div class="scroll"><table role="table"><caption>\(caption)</caption>\
            <thead role="rowgroup"><tr role="row">\(heads)</tr></thead>
            <tbody role="rowgroup">
            \(lines)</tbody></table></div>\(more)

            """
    }

    /// A number with a title above it.
    func tile(_ title: String, _ value: String, _ note: String = "", colour: String = "") -> HTML {
        """
        <li class="tile \(colour)"><span class="label">\(title)</span>\
        <span class="value">\(value)</span><span class="note">\(note)</span></li>

        """
    }

    /// A link to a task's story.
    func link(_ key: Key<BackgroundTask>, quiet: Bool = true) -> HTML {
        """
        <a href="task?name=\(StatusPage.encoded(key.description))">\(key.name)</a>\
        \(quiet ? namespace(key.namespace) : "")
        """
    }

    /// A link to a pool.
    func link(_ key: Key<BackgroundAgentPool>?, quiet: Bool = false) -> HTML {
        guard let key else { return "<span class=\"quiet\">none yet</span>" }
        return """
            <a href="pool?name=\(StatusPage.encoded(key.description))">\(key.name)</a>\
            \(quiet ? namespace(key.namespace) : "")
            """
    }

    private func namespace(_ name: String) -> HTML { "<span class=\"ns\">\(name)</span>" }

    /// The colour and word of a phase.
    func pill(_ phase: TaskPhase, title: String = "") -> HTML {
        let colour =
            switch phase {
            case .running: "busy"
            case .succeeded: "ok"
            case .failed: "bad"
            case .queued, .pending, .scheduled: "wait"
            case .blocked: "wait"
            case .cancelled: "idle"
            }
        return pill(colour, phase.rawValue, title: title)
    }

    /// The colour and word of a pool's health.
    func pill(_ pool: PoolLine) -> HTML {
        let colour =
            switch pool.health {
            case .ready: "ok"
            case .progressing, .paused: "wait"
            case .degraded: "bad"
            case .unknown: "idle"
            }
        let word = pool.reason.isEmpty ? pool.health.rawValue : pool.reason
        return pill(colour, word, title: pool.message)
    }

    /// The colour and word of an agent's state.
    func pill(_ agent: AgentLine) -> HTML {
        let colour =
            switch agent.state {
            case .busy: "busy"
            case .idle: "ok"
            case .starting, .draining: "wait"
            case .unhealthy, .failed: "bad"
            }
        return pill(colour, agent.state.rawValue, title: agent.health)
    }

    /// How far a task is: a bar, a number and its own words.
    func progress(_ line: TaskLine) -> HTML {
        guard let percent = line.percent else {
            return "<span class=\"quiet\">\(line.activity.isEmpty ? "–" : line.activity)</span>"
        }
        let words: HTML =
            line.activity.isEmpty ? "" : "<span class=\"quiet\">\(line.activity)</span>"
        return """
            <span class="meter"><progress max="100" value="\(percent)" \
            aria-label="Progress of \(line.key.name)"></progress> \(percent)%</span>\(words)
            """
    }

    /// Agents as a bar: at work, idle, and those that are wanted but not ready.
    func bar(_ pool: PoolLine) -> HTML {
        let total = max(pool.desired, pool.ready, 1)
        let busy = min(pool.busy, total) * 100 / total
        let idle = min(pool.idle, total) * 100 / total
        let words = "\(pool.busy) busy and \(pool.idle) idle of \(pool.desired) wanted"
        return """
            <span class="agents">\(pool.ready)<span class="quiet">/\(pool.desired)</span></span>\
            <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" \
            aria-label="\(words)"><title>\(words)</title>\
            <rect class="b0" width="100" height="8"/>\
            <rect class="b1" width="\(busy)" height="8"/>\
            <rect class="b2" x="\(busy)" width="\(idle)" height="8"/></svg>
            """
    }

    /// A duration, or a dash.
    func span(_ duration: Duration?) -> HTML {
        duration.map { "\(AgeText.of($0))" } ?? "<span class=\"quiet\">–</span>"
    }

    /// How long ago `time` is, with the time itself for those who look closer.
    func ago(_ time: Timestamp?) -> HTML {
        guard let time else { return "<span class=\"quiet\">–</span>" }
        return """
            <time datetime="\(time.description)" title="\(time.description)">\
            \(AgeText.of(subject.time - time))</time>
            """
    }

    /// A text for the query of a link.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}

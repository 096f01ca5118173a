import ControlLoop
import KubernetesCore
import Testing
import YAMLReading

@testable import Installation

/// Alerts and dashboard speak of metrics that exist, and people find what to do.
@Suite struct WatchingTests {
    /// The names that samples of declared metrics have.
    private static let samples: Set<String> = Set(
        GeneratedFileTests.metrics.flatMap(\.sampleNames))
    /// The labels of each of them.
    private static func labels(of sample: String) -> Set<String> {
        let family = GeneratedFileTests.metrics.first { $0.sampleNames.contains(sample) }
        return Set(family?.labels ?? []).union(["le", "job", "pod"])
    }

    private static let expressions: [String] =
        AlertRules.all.map(\.expression)
        + Dashboard.panels.flatMap { $0.queries.map(\.expression) }

    @Test(arguments: expressions)
    func `every metric that is asked for is declared`(expression: String) {
        let names = AlertRule.metrics(in: expression)
        #expect(!names.isEmpty, "\(expression) asks for nothing of ours")
        for name in names { #expect(Self.samples.contains(name), "\(name)") }
    }

    @Test(arguments: expressions)
    func `every label that is asked for is one of the metric's`(expression: String) {
        let known = AlertRule.metrics(in: expression).map { Self.labels(of: $0) }
            .reduce(into: Set<String>()) { $0.formUnion($1) }
        var used: Set<String> = []
        for match in expression.matches(of: /([a-z_]+)(?:=~|!~|!=|=)"/) {
            used.insert(String(match.output.1))
        }
        for match in expression.matches(of: /(?:by|on) \(([a-z_, ]+)\)/) {
            used.formUnion(
                match.output.1.split(separator: ",").map { $0.filter { $0 != " " } })
        }
        #expect(used.subtracting(known).sorted() == [], "\(expression)")
    }

    @Test func `a name that is not ours is found`() {
        let names = AlertRule.metrics(in: "sum by (pool) (rate(swiftlet_nonsense_total[5m])) > 1")
        #expect(names == ["swiftlet_nonsense_total"])
        #expect(!Self.samples.contains("swiftlet_nonsense_total"))
    }

    @Test func `every alert has its own name and a section in the runbook`() throws {
        #expect(Set(AlertRules.all.map(\.name)).count == AlertRules.all.count)
        let page = try GeneratedFileTests.text("docs/runbooks/alerts.md")
        let sections = page.split(separator: "\n").filter { $0.hasPrefix("## ") }
            .map { String($0.dropFirst(3)) }
        #expect(sections == AlertRules.all.map(\.name), "the same alerts in the same order")
    }

    @Test func `every alert is fired by a test of promtool's`() throws {
        let text = try GeneratedFileTests.text("charts/swiftlet/ci/alerts-test.yaml")
        let tests = try #require(try YAMLText.read(text).first?["tests"]?.array)
        var fired: Set<String> = []
        for test in tests {
            for check in test["alert_rule_test"]?.array ?? []
            where check["exp_alerts"]?.array?.isEmpty == false {
                fired.insert(check["alertname"]?.string ?? "")
            }
        }
        #expect(Set(AlertRules.all.map(\.name)).subtracting(fired).sorted() == [])
    }

    @Test func `what Helm would take for its own language stands in files, not in templates`()
        throws
    {
        for name in try GeneratedFileTests.names(in: "charts/swiftlet/templates") {
            let text = try GeneratedFileTests.text("charts/swiftlet/templates/" + name)
            #expect(!text.contains("$labels"), "\(name)")
        }
    }

    @Test func `names follow the rules of Prometheus`() {
        for family in GeneratedFileTests.metrics {
            #expect(family.name.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil, "\(family.name)")
            #expect(!family.name.hasSuffix("_total"), "\(family.name): the text adds it")
            #expect(!family.help.isEmpty && !family.help.hasSuffix("."), "\(family.name)")
            for label in family.labels {
                #expect(label.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil, "\(label)")
                // What has no bound is no label: tasks, pods, texts.
                #expect(!["task", "uid", "pod", "message", "user"].contains(label))
            }
            #expect(family.bounds == family.bounds.sorted())
            let isTimed = family.kind == .histogram
            #expect(!isTimed || family.name.hasSuffix("_seconds"), "\(family.name)")
        }
    }
}

import KubernetesCore
import PolicyEngine
import Testing

/// Kyverno's public policies, in `../shared/kyverno`; skipped where that is absent.
@Suite(
    .enabled(if: KyvernoCorpus.folder != nil, "../shared/kyverno is not there: nothing to compare"))
struct KyvernoCorpusTests {
    private static let now = Timestamp("2026-03-01T09:30:00Z") ?? Timestamp(nanoseconds: 0)

    @Test func `every expected result of the public policies is met`() throws {
        var met = 0
        var missed: [String] = []
        var silent: [String] = []
        for example in try KyvernoCorpus.cases() {
            let evaluation = OfflineEvaluation(
                policies: example.policies, values: example.values, cluster: example.cluster)
            for problem in evaluation.policies.problems { missed.append("\(problem)") }
            let rows = evaluation.judge(example.resources, at: Self.now).flatMap(\.rows)
            for expectation in example.expected {
                let found = rows.filter { row in
                    row.result.policy == expectation.policy
                        && row.document == expectation.document
                        && row.isMeant(by: expectation.rule)
                }
                if found.isEmpty { silent.append("\(example.name) \(expectation.resource)") }
                let outcomes = found.map(\.result.outcome.rawValue)
                if outcomes.allSatisfy({ $0 == expectation.result }) {
                    met += 1
                } else {
                    missed.append(
                        "\(example.name) \(expectation.rule ?? "") \(expectation.resource): "
                            + "expected \(expectation.result), got \(outcomes) "
                            + (found.first?.result.message ?? ""))
                }
            }
        }
        #expect(missed.isEmpty, "\(missed.count) missed:\n\(missed.joined(separator: "\n"))")
        // What no rule is for counts as met, and only these are like that: a Deployment without the
        // label that the policy is about, CronJobs of a version that rules are not made for, and a
        // list without elements.
        #expect(
            silent == [
                "kasten/kasten-data-protection-by-label Deployment/nginx/nginx-deployment-skipped",
                "other-cel/memory-requests-equal-limits CronJob/default/hello",
                "other/memory-requests-equal-limits CronJob/default/hello",
                "other/require-emptydir-requests-limits Pod/default/skip-pod",
            ])
        #expect(met > 0)
    }
}

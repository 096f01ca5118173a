import KubernetesCore
import PolicyEngine
import Testing

/// The policies in `policies/`.
struct AgentPolicyTests {
    private static let now = Timestamp(seconds: 1_780_000_000)

    @Test func `every policy is there in both forms and can be judged by`() throws {
        let names = try AgentPolicyFolder.names(AgentPolicyFolder.forms[0])
        #expect(names.count >= 10)
        for form in AgentPolicyFolder.forms {
            #expect(try AgentPolicyFolder.names(form) == names)
            let policies = try AgentPolicyFolder.policies(form)
            #expect(PolicySet(policies).problems.isEmpty, "\(PolicySet(policies).problems)")
            for (policy, name) in zip(policies, names) {
                let own = policy.object["metadata"]?["name"]?.string
                #expect(own == "agent-" + name)
            }
        }
        let tested = try AgentPolicyFolder.cases().map(\.path)
        #expect(
            tested
                == names.flatMap { ["\($0)/cluster-policy", "\($0)/validating-policy"] })
    }

    @Test func `both forms mean the same kinds of verdicts`() throws {
        let names = try AgentPolicyFolder.names(AgentPolicyFolder.forms[0])
        let old = try AgentPolicyFolder.policies(AgentPolicyFolder.forms[0])
        let new = try AgentPolicyFolder.policies(AgentPolicyFolder.forms[1])
        for (index, name) in names.enumerated() {
            for key in ["title", "category", "severity", "subject", "description"] {
                let path = ["metadata", "annotations", "policies.kyverno.io/" + key]
                let text = old[index].object[path: path]?.string ?? ""
                #expect(!text.isEmpty, "\(name) \(key)")
                #expect(new[index].object[path: path]?.string == text, "\(name) \(key)")
            }
            let actions = new[index].object["spec"]?["validationActions"]
            for rule in old[index].object["spec"]?["rules"]?.array ?? [] {
                let enforces = rule["validate"]?["failureAction"] == "Enforce"
                #expect(actions == [enforces ? "Deny" : "Audit"], "\(name)")
            }
        }
    }

    @Test func `every test in Kyverno's format is met`() throws {
        for example in try AgentPolicyFolder.cases() {
            let judgements = example.judgements(at: Self.now)
            let report = PolicyTestReport(
                example.test, judgements, problems: [], patched: [:])
            #expect(report.isGood, "\(example.path): \(report.lines.filter { !$0.isMet })")
            // The report lets an object pass that no rule says anything about; here each must have
            // its verdict.
            let rows = judgements.flatMap(\.rows)
            for expected in example.test.expectations {
                for name in expected.resources {
                    let found = rows.filter { row in
                        row.name == name && row.result.policy == expected.policy
                            && row.isMeant(by: expected.rule)
                    }
                    #expect(
                        found.map(\.result.outcome) == [expected.outcome],
                        "\(example.path) \(name): \(found.map(\.result.message))")
                }
                #expect(expected.rule == nil || rows.contains { $0.result.rule == expected.rule })
            }
            let judged = Set(rows.map(\.name))
            #expect(!judged.contains("not-an-agent"), "\(example.path)")
            #expect(judged == Set(example.test.expectations.flatMap(\.resources)))
        }
    }

    @Test func `both forms say the same about every pod of every test`() throws {
        let cases = try AgentPolicyFolder.cases()
        let pods = OfflineResources(
            cases.flatMap { example in
                example.resources.resources.enumerated().map { index, resource in
                    var object = resource.object
                    object[path: ["metadata", "name"]] = .string("\(example.path)-\(index)")
                    return object
                }
            })
        let cluster = cases.last { $0.path == "network-policy-present/validating-policy" }?.cluster
        func verdicts(_ form: String) throws -> [String: Bool] {
            var result: [String: Bool] = [:]
            // With the cluster's answers rather than with values, so that both forms look up.
            let policies = PolicySet(try AgentPolicyFolder.policies(form))
            let surroundings = PolicySurroundings(now: Self.now) {
                cluster?.answer($0) ?? .notFound
            }
            for pod in pods.resources {
                let name = pod.object["metadata"]?["name"]?.string ?? ""
                let request = PolicyRequest(.create, pod.object, of: .pod)
                for verdict in policies.evaluate(request, surroundings) {
                    let key = verdict.policy + " " + name
                    #expect(verdict.outcome != .error, "\(form) \(key) \(verdict.message)")
                    result[key] = (result[key] ?? true) && verdict.outcome != .fail
                }
            }
            return result
        }
        let old = try verdicts(AgentPolicyFolder.forms[0])
        let new = try verdicts(AgentPolicyFolder.forms[1])
        #expect(old.count > 500)
        #expect(Set(old.keys) == Set(new.keys))
        for key in old.keys.sorted() where old[key] != new[key] {
            Issue.record("\(key): \(old[key] == true) and \(new[key] == true)")
        }
    }
}

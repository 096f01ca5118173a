import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI

/// Judges the agents of pools by the policies of a library: what a pool would create, as the API
/// server would store it.
struct PolicyJudge: Sendable {
    let library: PolicyLibrary
    let settings: AgentPodSettings
    let user: PolicyRequest.User
    let text: PolicyText

    /// What the policies say about the agents of `pool` at `now`.
    func verdict(
        on pool: BackgroundAgentPool, in view: ClusterView, at now: Timestamp
    ) -> PoolVerdict {
        let namespace = view[Key<NamespaceView>(namespace: "", name: pool.metadata.namespace)]
        let template = AgentPodTemplate(
            pool: pool, tenant: AgentPodTemplate.tenant(of: pool, in: namespace),
            settings: settings)
        var verdict = PoolVerdict(pool: pool.key, subject: .init(pool, template))
        verdict.policies = library.set.count
        verdict.faults = library.faults.filter {
            $0.effect != .unrelated && !pool.spec.policies.exempts($0.problem)
        }
        if pool.spec.policies.failureAction == .audit {
            for index in verdict.faults.indices { verdict.faults[index].effect = .reported }
        }
        var request = PolicyRequest(
            .create, PodDefaults.defaulted(template.pod(index: 0)), of: .pod,
            namespace: namespace.map(PolicyLookups.json) ?? .null, user: user)
        let lookups = PolicyLookups(view: view, planned: planned(for: pool))
        var surroundings = PolicySurroundings(
            now: now, seed: SeededGenerator.hash(template.revision)
        ) { lookups.answer($0) }
        surroundings.parseYAML = { [text] in text.document($0) }
        var results: [PolicyResult] = []
        if pool.spec.policies.mutation == .additions {
            results = mutate(&request, surroundings, template, &verdict)
        }
        results += library.set.evaluate(request, surroundings)
        take(results, of: pool, into: &verdict)
        return verdict
    }

    /// The NetworkPolicy that the pool makes before its agents.
    private func planned(for pool: BackgroundAgentPool) -> [JSONValue] {
        PoolObject.all(of: pool, settings: settings).filter { $0.type == .networkPolicy }
            .map { $0.object(of: pool) }
    }

    private func take(
        _ results: [PolicyResult], of pool: BackgroundAgentPool, into verdict: inout PoolVerdict
    ) {
        let policies = pool.spec.policies
        var findings = results.map { result in
            var result = result
            if policies.exempts(result) {
                result.outcome = .skip
                result.message = "the pool's spec.policies.exceptions name the rule"
            }
            let forbids = result.forbids && policies.failureAction == .enforce
            return PoolVerdict.Finding(result, forbids: forbids)
        }
        findings = findings.filter(\.forbids) + findings.filter { !$0.forbids }
        verdict.findings = Array(findings.prefix(PoolVerdict.findingsMax))
        verdict.omitted = findings.count - verdict.findings.count
    }

    // MARK: - Additions

    /// Lets the rules that change objects add to the agents of the pool.
    private func mutate(
        _ request: inout PolicyRequest, _ surroundings: PolicySurroundings,
        _ template: AgentPodTemplate, _ verdict: inout PoolVerdict
    ) -> [PolicyResult] {
        let mutation = library.set.mutated(request, surroundings, .additions)
        let results = mutation.results.filter { $0.outcome == .error }
        guard mutation.object != request.object else { return results }
        func first(_ pod: JSONValue) -> JSONValue? {
            pod[path: ["spec", "containers"]]?.array?.first?["name"]
        }
        guard first(mutation.object) == first(request.object) else {
            return results + [
                PolicyResult(
                    policy: mutation.results.first { $0.outcome == .pass }?.policy ?? "",
                    kind: "ClusterPolicy", rule: "", outcome: .error, action: .audit,
                    message: "mutate rules would put a container before the agent's")
            ]
        }
        request.object = mutation.object
        func added(_ key: String) -> JSONObject {
            let before = template.pod(index: 0)[path: ["metadata", key]]
            let after = mutation.object[path: ["metadata", key]]?.object ?? JSONObject()
            return JSONObject(after.filter { before?[$0.0] == nil })
        }
        verdict.additions = PodAdditions(
            spec: mutation.object["spec"] ?? .null, labels: added("labels"),
            annotations: added("annotations"))
        return results
    }
}

extension PoolVerdict.Subject {
    /// The agents of a template.
    init(_ pool: BackgroundAgentPool, _ template: AgentPodTemplate) {
        self.init(
            pool: pool.metadata.uid, revision: template.revision, policies: pool.spec.policies)
    }
}

extension BackgroundAgentPoolSpec.Policies {
    /// Whether the pool lets its agents off the rule that a result is of.
    func exempts(_ result: PolicyResult) -> Bool {
        exempts(policy: result.policy, rule: result.rule)
    }

    /// Whether the pool lets its agents off what could not be loaded.
    func exempts(_ problem: PolicyProblem) -> Bool {
        !problem.policy.isEmpty && exempts(policy: problem.policy, rule: problem.rule)
    }

    private func exempts(policy: String, rule: String?) -> Bool {
        exceptions.contains { exception in
            guard policy == exception.policyName || policy.hasSuffix("/" + exception.policyName)
            else { return false }
            guard let rule, !exception.ruleNames.isEmpty else {
                return exception.ruleNames.isEmpty
            }
            return exception.ruleNames.contains(rule)
        }
    }
}

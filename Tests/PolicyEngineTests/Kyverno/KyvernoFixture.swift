import KubernetesCore
import PolicyEngine
import Testing
import YAMLReading

/// Policies and requests for tests, written as people write them.
enum KyvernoFixture {
    static let now = Timestamp(seconds: 1_780_000_000)

    static func value(_ text: String) throws -> JSONValue {
        try #require(try YAMLText.read(text).first)
    }

    /// The policies of a text of several documents.
    static func set(_ text: String, offline values: OfflineValues? = nil) throws -> PolicySet {
        PolicySet(
            try YAMLText.read(text).map {
                PolicyDocument(source: "test.yaml", object: $0)
            }, offline: values)
    }

    /// A ClusterPolicy with one rule about pods called `r`; `rule` is what else the rule says, and
    /// `spec` what else the policy does.
    static func policy(
        _ rule: String, spec: String = "", match: String = "any: [{resources: {kinds: [Pod]}}]"
    ) -> String {
        """
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata: {name: p}
        spec:
          validationFailureAction: Enforce
        \(indented(spec, by: 2))
          rules:
          - name: r
            match: {\(match)}
        \(indented(rule, by: 4))
        """
    }

    static func indented(_ text: String, by count: Int) -> String {
        let spaces = String(repeating: " ", count: count)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { spaces + $0 }.joined(separator: "\n")
    }

    static let pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          namespace: team-a
          labels: {app: web, tier: front}
          annotations: {owner: ann}
        spec:
          serviceAccountName: runner
          hostNetwork: false
          containers:
          - name: main
            image: ghcr.io/acme/web:1.2
            resources: {limits: {memory: 1Gi, cpu: "2"}}
          - name: side
            image: nginx
        """

    /// A request to create what `object` says.
    static func request(
        _ object: String = pod, user: PolicyRequest.User = PolicyRequest.User(name: ""),
        namespace: JSONValue = .null
    ) throws -> PolicyRequest {
        let value = try value(object)
        return PolicyRequest(
            .create, value, of: try #require(type(of: value)), namespace: namespace, user: user)
    }

    static func type(of object: JSONValue) -> ResourceType? {
        OfflineResources([object]).resources.first?.type
    }

    /// What `policies` say about `request`.
    static func results(
        _ policies: String, _ request: PolicyRequest? = nil,
        lookup: @escaping @Sendable (PolicySurroundings.Lookup) -> PolicySurroundings.Answer = {
            _ in .unavailable("nothing to look up in")
        }
    ) throws -> [PolicyResult] {
        let set = try set(policies)
        #expect(set.problems == [])
        return set.evaluate(
            try request ?? self.request(), PolicySurroundings(now: now, lookup: lookup))
    }

    /// What the rule of `policy(rule)` says about the pod.
    static func outcome(
        _ rule: String, _ request: PolicyRequest? = nil,
        lookup: @escaping @Sendable (PolicySurroundings.Lookup) -> PolicySurroundings.Answer = {
            _ in .unavailable("nothing to look up in")
        }
    ) throws -> PolicyResult? {
        try results(policy(rule), request, lookup: lookup).first
    }

    /// What a condition says; `nil` where it cannot be evaluated.
    static func holds(
        _ condition: String, _ request: PolicyRequest? = nil, context: String = "",
        lookup: @escaping @Sendable (PolicySurroundings.Lookup) -> PolicySurroundings.Answer = {
            _ in .unavailable("nothing to look up in")
        }
    ) throws -> Bool? {
        let rule = """
            \(context)
            validate:
              deny:
                conditions:
                  all:
                  - \(condition)
            """
        switch try outcome(rule, request, lookup: lookup)?.outcome {
        case .fail: return true
        case .pass: return false
        default: return nil
        }
    }
}

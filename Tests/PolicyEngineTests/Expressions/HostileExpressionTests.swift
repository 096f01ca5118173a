import KubernetesCore
import Testing

@testable import PolicyEngine

/// Policies and objects made to hurt: every evaluation ends, inside the cost limit, with a verdict
/// that is no pass.
struct HostileExpressionTests {
    private static let list = "[1,2,3,4,5,6,7,8,9,10]"

    /// A loop inside a loop inside a loop.
    private static func loops(_ depth: Int) -> String {
        (0..<depth).reduce("x0 > 0") { body, level in
            "\(list).all(x\(level), \(body))"
        }
    }

    private static func doubling(_ count: Int) -> String {
        let start = "'aaaaaaaaaaaaaaaa'"
        let body = (0..<count).reduce("size(s\(count)) > 0") { body, level in
            let place = count - level
            return "cel.bind(s\(place), s\(place - 1) + s\(place - 1), \(body))"
        }
        return "cel.bind(s0, \(start), \(body))"
    }

    @Test(arguments: [
        loops(9), doubling(40),
        "lists.range(2000000).map(x, lists.range(2000000)).size() > 0",
        "\(list).map(a, \(list).map(b, \(list).map(c, \(list).map(d, \(list).map(e, "
            + "\(list).map(f, 'x'))))))).size() > 0",
        "object.spec.containers.all(c, lists.range(1000000).all(i, i >= 0))",
        "'a'.matches('(a{1,500}){1,500}$') == false || "
            + "[1].all(x, ('a'.replace('', 'aaaaaaaaaaaaaaaaaaaa')).matches('(a*)*b'))",
        "'%s'.format(['x'.replace('', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy')]) == object.metadata.name",
    ])
    func `an expression that blows up ends with an error`(_ expression: String) throws {
        let outcome: PolicyResult.Outcome
        do throws(PolicyProblem) {
            outcome = try Self.outcome(of: expression)
        } catch {
            #expect(error.path.hasSuffix("expression"))
            return
        }
        #expect(outcome != .pass, "\(outcome)")
    }

    private static func outcome(
        of expression: String
    ) throws(PolicyProblem) -> PolicyResult.Outcome {
        do {
            return try ExpressionFixture.verdict(of: expression).outcome
        } catch let problem as PolicyProblem {
            throw problem
        } catch {
            Issue.record(error)
            return .error
        }
    }

    @Test func `nesting without end is refused, not a full stack`() throws {
        for (open, close) in [("(", ")"), ("[", "]"), ("!(", ")"), ("-(", ")"), ("has(", ")")] {
            let deep =
                String(repeating: open, count: 5_000) + "1"
                + String(repeating: close, count: 5_000)
            #expect(throws: PolicyProblem.self) { try ExpressionFixture.verdict(of: deep) }
        }
        let fields = "object" + String(repeating: ".a", count: 20_000) + " == 1"
        #expect(throws: PolicyProblem.self) { try ExpressionFixture.verdict(of: fields) }
        let large = "'" + String(repeating: "a", count: 200_000) + "' == ''"
        #expect(throws: PolicyProblem.self) { try ExpressionFixture.verdict(of: large) }
    }

    /// `count` variables, each of which uses the one before it.
    private func chain(
        _ count: Int, equal other: String = "2", _ step: (String) -> String
    ) throws -> ExpressionPolicy {
        var variables: [JSONValue] = [["name": "v0", "expression": "1"]]
        for number in 1...count {
            variables.append([
                "name": .string("v\(number)"),
                "expression": .string(step("variables.v\(number - 1)")),
            ])
        }
        return try ExpressionPolicy(
            PolicyDocument(
                source: "test",
                object: [
                    "apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy",
                    "metadata": ["name": "p"],
                    "spec": [
                        "matchConstraints": [
                            "resourceRules": [
                                [
                                    "apiGroups": [""], "apiVersions": ["v1"],
                                    "operations": ["*"], "resources": ["pods"],
                                ]
                            ]
                        ], "variables": .array(variables),
                        "validations": [
                            ["expression": .string("variables.v\(count) == \(other)")]
                        ],
                    ],
                ]))
    }

    @Test func `variables that use each other without end are refused, not a full stack`() throws {
        #expect(throws: PolicyProblem.self) { try chain(900) { "\($0) + 0" } }
        let policy = try chain(150) { "\($0) + 0" }
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        #expect(
            policy.evaluate(request, ExpressionFixture.surroundings).map(\.outcome) == [.fail])
    }

    @Test func `variables that double each other end with an error`() throws {
        // Each variable holds the one before it twice: little memory, and 2^40 values to look at.
        for other in ["dyn(variables.v40)", "json.marshal(variables.v40)"] {
            let policy = try chain(40, equal: "dyn(\(other))") { "[dyn(\($0)), dyn(\($0))]" }
            let request = ExpressionFixture.request(try ExpressionFixture.pod())
            let results = policy.evaluate(request, ExpressionFixture.surroundings)
            #expect(results.map(\.outcome) != [.pass], "\(other)")
        }
    }

    @Test func `a policy with too many expressions is refused`() {
        let rules = (0..<1_001).map { _ in "{expression: \"true\"}" }.joined(separator: ", ")
        #expect(throws: PolicyProblem.self) {
            try ExpressionFixture.validating("validations: [\(rules)]")
        }
        let conditions = (0..<65).map { "{name: c\($0), expression: \"true\"}" }
            .joined(separator: ", ")
        #expect(throws: PolicyProblem.self) {
            try ExpressionFixture.validating(
                "matchConditions: [\(conditions)]\nvalidations: [{expression: \"true\"}]")
        }
    }

    @Test func `many expressions together cost no more than the policy may`() throws {
        // A check of the authorizer costs 350,000: 28 of them fit into what a policy may cost.
        let heavy = "!authorizer.path('/x').check('get').allowed()"
        let rules = (0..<40).map { _ in "{expression: \"\(heavy)\"}" }.joined(separator: ", ")
        let policy = try ExpressionFixture.admission("validations: [\(rules)]")
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        let results = policy.evaluate(request, ExpressionFixture.surroundings([:]))
        #expect(results.map(\.outcome) == [.error])
        #expect(results.first?.message.contains("running out of cost budget") == true)
    }

    @Test func `asking the cluster without end is cut off`() throws {
        let expression =
            "lists.range(100000).all(i, resource.Get('v1', 'configmaps', 'team', "
            + "'n' + string(i)) != {'a': dyn(1)})"
        let verdict = try ExpressionFixture.verdict(
            of: expression, PolicySurroundings(now: ExpressionFixture.now) { _ in .found([:]) })
        #expect(verdict.outcome == .error)
    }

    @Test func `objects that are no objects give errors, never a trap`() throws {
        let policy = try ExpressionFixture.validating(
            """
            variables: [{name: c, expression: "object.spec.containers"}]
            validations: [{expression: "variables.c.all(c, c.image.contains(':'))"}]
            """)
        let objects: [JSONValue] = [
            .null, true, 1, "text", [], [:], ["metadata": 1], ["metadata": ["name": 5]],
            ["metadata": ["labels": "x", "namespace": [1]], "spec": []],
            ["spec": ["containers": [["image": 1]]]], ["spec": ["containers": [1, .null]]],
        ]
        for object in objects {
            for old in objects {
                var request = ExpressionFixture.request(object, .update, namespace: old)
                request.oldObject = old
                for result in policy.evaluate(request, ExpressionFixture.surroundings) {
                    #expect(result.outcome != .pass, "\(object)")
                }
            }
        }
    }

    /// Documents with a part replaced, removed or repeated at a place that the seed chooses.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a damaged policy is refused or judges, and never traps`(_ seed: UInt64) throws {
        var random = Generator(state: seed)
        let whole = try ExpressionFixture.document(
            """
            apiVersion: policies.kyverno.io/v1
            kind: ValidatingPolicy
            metadata: {name: p}
            spec:
              validationActions: [Deny]
              matchConstraints:
                namespaceSelector: {matchLabels: {tier: gold}}
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
              matchConditions: [{name: c, expression: "request.operation == 'CREATE'"}]
              variables: [{name: n, expression: "object.spec.containers.map(c, c.name)"}]
              validations:
              - {expression: "size(variables.n) < 3", messageExpression: "variables.n.join(',')"}
              auditAnnotations: [{key: k, valueExpression: "string(size(variables.n))"}]
            """
        ).object
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        for _ in 0..<40 {
            let damaged = random.damage(whole)
            do throws(PolicyProblem) {
                let policy = try ExpressionPolicy(
                    PolicyDocument(source: "seed \(seed)", object: damaged))
                for result in policy.evaluate(request, ExpressionFixture.surroundings) {
                    #expect(!result.policy.isEmpty)
                }
            } catch {
                #expect(!error.reason.isEmpty, "seed \(seed)")
            }
        }
    }

    private struct Generator {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(bound, 1)))
        }

        private static let pieces: [JSONValue] = [
            .null, true, -1, 1.5, "", "x", "variables.n", "true", [], [[]], [:], ["a": .null],
        ]

        /// `value` with one part of it changed.
        mutating func damage(_ value: JSONValue) -> JSONValue {
            switch value {
            case .object(let members) where !members.isEmpty && below(5) > 0:
                let key = members.keys[below(members.count)]
                var result = members
                switch below(8) {
                case 0: result[key] = nil
                case 1: result["x"] = members[key]
                default: result[key] = members[key].map { damage($0) }
                }
                return .object(result)
            case .array(let elements) where !elements.isEmpty && below(5) > 0:
                var result = elements
                let index = below(elements.count)
                if below(8) == 0 {
                    result.append(elements[index])
                } else {
                    result[index] = damage(elements[index])
                }
                return .array(result)
            case .string(let text) where below(3) > 0:
                let scalars = Array(text.unicodeScalars)
                let cut = below(scalars.count + 1)
                var changed = String.UnicodeScalarView(scalars[..<cut])
                changed.append(contentsOf: ["(", "\u{0}", ".", "'", "1"][below(5)].unicodeScalars)
                changed.append(contentsOf: scalars[min(cut + below(3), scalars.count)...])
                return .string(String(changed))
            default: return Self.pieces[below(Self.pieces.count)]
            }
        }
    }
}

import KubernetesCore
import Testing

@testable import CEL

/// Vectors of Kubernetes' own CEL environment, in `../shared/cel/kubernetes`; skipped where that is
/// absent.
@Suite(.enabled(if: Corpus.exists)) struct KubernetesVectorTests {
    private static func schema(_ json: JSONValue?) throws -> StructuralSchema {
        try StructuralSchema(reading: json ?? ["type": "object"])
    }

    private static func name(_ test: JSONValue) -> String { test["name"]?.string ?? "?" }

    @Test func `rules at the root give what a kube-apiserver gives`() throws {
        var total = 0
        var failures: [String] = []
        for test in try Corpus.cases("crd-rules") {
            let schema = try Self.schema(test["schema"])
            let object = test["obj"] ?? .null
            func outcome(_ rule: String) -> CRDRules.Outcome {
                CRDRules(
                    schema.with { $0.rules = [ValidationRule(rule)] },
                    isObject: test["isRoot"]?.bool == true
                ).evaluate(object, old: test["oldObj"])
            }
            for rule in (test["valid"]?.array ?? []).compactMap(\.string) {
                total += 1
                let result = outcome(rule)
                if let error = result.errors.first {
                    failures.append("\(Self.name(test)): \(rule): \(error.detail)")
                } else if let cost = test["expectedCost"]?.integer {
                    let spent = CRDRules.budgetDefault - result.remainingBudget
                    if spent != cost {
                        failures.append("\(Self.name(test)): \(rule) costs \(spent), not \(cost)")
                    }
                }
            }
            for (rule, text) in test["errors"]?.object ?? [:] {
                total += 1
                let messages = outcome(rule).errors.map(\.message)
                if !messages.contains(where: { $0.contains(text.string ?? "") }) {
                    failures.append("\(Self.name(test)): \(rule): \(messages), not \(text.text)")
                }
            }
        }
        Corpus.report("crd-rules", total, failures)
    }

    @Test(arguments: ["crd-levels", "crd-optional-oldself"])
    func `rules anywhere in a schema report what a kube-apiserver reports`(
        file: String
    ) throws {
        var failures: [String] = []
        let cases = try Corpus.cases(file)
        for test in cases {
            let rules = CRDRules(try Self.schema(test["schema"]), isObject: false)
            let found = rules.evaluate(
                test["obj"] ?? .null, old: test["oldObj"], at: FieldPath("root")
            ).errors.map(\.message)
            let wanted = (test["errors"]?.array ?? []).compactMap(\.string)
            let isSame =
                wanted.allSatisfy { text in found.contains { $0.contains(text) } }
                && found.allSatisfy { text in wanted.contains { text.contains($0) } }
            if !isSame { failures.append("\(Self.name(test)): \(found), not \(wanted)") }
        }
        Corpus.report(file, cases.count, failures)
    }

    @Test func `messages come from the message expression where it can give one`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("crd-message")
        for test in cases {
            var schema = StructuralSchema.object(["str": .string()])
            schema.rules = [
                ValidationRule(
                    "false", message: test["message"]?.string,
                    messageExpression: test["messageExpression"]?.string)
            ]
            let outcome = CRDRules(schema, isObject: false).evaluate(
                ["str": "a string"], budget: test["costBudget"]?.integer ?? 0,
                perCallLimit: UInt64(test["perCallLimit"]?.integer ?? 1_000_000))
            let text = test["expectedValidationErr"]?.string ?? ""
            let found = outcome.errors.map(\.message)
            if found.count != 1 || !found[0].contains(text) {
                failures.append("\(Self.name(test)): \(found), not \(text)")
            }
            if let budget = test["expectedRemainingBudget"]?.integer,
                budget != outcome.remainingBudget
            {
                failures.append(
                    "\(Self.name(test)): \(outcome.remainingBudget) left, not \(budget)")
            }
        }
        Corpus.report("crd-message", cases.count, failures)
    }

    @Test func `reasons and field paths shape the error`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("crd-reason")
        for test in cases {
            let rules = CRDRules(try Self.schema(test["schema"]), isObject: false)
            let found = rules.evaluate(test["obj"] ?? .null, at: FieldPath("root")).errors
                .map { "\($0.kind.reason) \($0.path)" }.sorted()
            let wanted = (test["errors"]?.array ?? []).map {
                "\($0["type"]?.string ?? $0["Type"]?.string ?? "") "
                    + "\($0["field"]?.string ?? $0["Field"]?.string ?? "")"
            }.sorted()
            if found != wanted { failures.append("\(Self.name(test)): \(found), not \(wanted)") }
        }
        Corpus.report("crd-reason", cases.count, failures)
    }

    @Test func `unchanged values are ratcheted`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("crd-ratcheting")
        for test in cases {
            let rules = CRDRules(try Self.schema(test["schema"]), isObject: false)
            let outcome = rules.evaluate(
                test["newObj"] ?? .null, old: test["oldObj"], at: FieldPath("root"),
                budget: test["runtimeCostBudget"]?.integer ?? CRDRules.budgetDefault)
            for (key, found) in [("errors", outcome.errors), ("warnings", outcome.warnings)] {
                let wanted = (test[key]?.array ?? []).compactMap(\.string).sorted()
                let messages = found.map(\.message).sorted()
                // One text of the vectors lacks the path.
                let isSame =
                    messages.count == wanted.count
                    && zip(messages, wanted).allSatisfy { $0 == $1 || $0.hasSuffix(": " + $1) }
                if !isSame {
                    failures.append("\(Self.name(test)): \(key): \(messages), not \(wanted)")
                }
            }
        }
        Corpus.report("crd-ratcheting", cases.count, failures)
    }

    @Test func `field paths are found in the schema`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("crd-fieldpath")
        let common = try Self.schema(cases.first?["schema"])
        for test in cases {
            guard let text = test["fieldPath"]?.string else { continue }
            do throws(CELError) {
                let path = try RuleFieldPath(text, in: common)
                let steps = path.steps.map { step -> JSONValue in
                    switch step {
                    case .child(let name): ["child", .string(name)]
                    case .key(let name): ["key", .string(name)]
                    }
                }
                if let wanted = test["path"], !wanted.isNull, wanted != .array(steps) {
                    failures.append("\(text): \(steps), not \(wanted.text)")
                }
                if let error = test["error"] { failures.append("\(text): no \(error.text)") }
            } catch {
                let wanted = test["error"]?.string
                if wanted == nil || !error.message.contains(wanted ?? "") {
                    failures.append("\(text): \(error), not \(wanted ?? "")")
                }
            }
        }
        Corpus.report("crd-fieldpath", cases.count, failures)
    }

    @Test func `faulty rules are reported when the CRD is written`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("crd-compile")
        for test in cases where !Self.name(test).hasPrefix("unmodified") {
            let schema = try Self.schema(test["input"])
            let rules = CRDRules(schema, isObject: false)
            let errors = rules.compileErrors(at: .root)
            for (index, result) in (test["expectedResults"]?.array ?? []).enumerated() {
                let place = ".x-kubernetes-validations[\(index)]"
                let own = errors.filter { $0.path.hasPrefix(place) }.map(\.message)
                let wanted = result["error"] ?? result["messageExpressionError"]
                let isSame =
                    wanted.map { text in
                        own.contains { $0.contains(text.string ?? "") }
                    } ?? own.isEmpty
                if !isSame {
                    failures.append(
                        "\(Self.name(test)): \(schema.rules[index].rule): \(own), "
                            + "not \(wanted?.text ?? "none")")
                }
                if let uses = result["usesOldSelf"]?.bool,
                    rules.root?.rules[index].usesOldSelf != uses
                {
                    failures.append("\(Self.name(test)): \(index): usesOldSelf is not \(uses)")
                }
            }
        }
        Corpus.report("crd-compile", cases.count, failures)
    }

    @Test func `property names are escaped`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("escaping")
        for test in cases {
            let plain = test["unescaped"]?.string ?? ""
            let escaped = test["escaped"]?.string
            let found = PropertyNames.escaped(plain)
            if found != escaped { failures.append("\(plain): \(found ?? "nil")") }
            if let escaped, PropertyNames.unescaped(escaped) != plain {
                failures.append("\(escaped) does not go back to \(plain)")
            }
        }
        for text in ["__int__extra", "__illegal__"] where PropertyNames.unescaped(text) != nil {
            failures.append(text)
        }
        Corpus.report("escaping", cases.count, failures)
    }
}

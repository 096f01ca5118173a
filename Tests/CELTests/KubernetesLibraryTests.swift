import KubernetesCore
import Testing

@testable import CEL

/// Vectors of Kubernetes' CEL libraries and of costs, in `../shared/cel/kubernetes`; skipped where
/// that is absent.
@Suite(.enabled(if: Corpus.exists)) struct KubernetesLibraryTests {
    @Test func `library functions give what Kubernetes gives`() throws {
        var failures: [String] = []
        let cases = try Corpus.cases("lib")
        for test in cases {
            let source = test["expr"]?.string ?? ""
            let wantedErrors =
                (test["compileError"]?.array ?? []).compactMap(\.string)
                + [test["error"]?.string].compactMap { $0 }
            do throws(CELError) {
                let value = try CELProgram(source).evaluate().get()
                if !wantedErrors.isEmpty {
                    failures.append("\(source): no \(wantedErrors)")
                } else if try !Self.fits(value, test["value"] ?? .null, test["lib"]?.string ?? "") {
                    failures.append("\(source): \(value), not \(test["value"]?.text ?? "")")
                }
            } catch {
                let fits = wantedErrors.contains { wanted in
                    error.message.contains(wanted)
                        || ((try? Pattern(wanted))?.matches(error.message) ?? false)
                }
                if !fits { failures.append("\(source): \(error), not \(wantedErrors)") }
            }
        }
        Corpus.report("lib", cases.count, failures)
    }

    private static func fits(
        _ value: CELValue, _ wanted: JSONValue, _ library: String
    ) throws(CELError) -> Bool {
        if let text = wanted["string"]?.string {
            let makers = [
                "ip": "ip", "cidr": text.contains("/") ? "cidr" : "ip", "semver": "semver",
                "quantity": "quantity",
            ]
            let source = "\(makers[library] ?? library)(\(CELQuote.quote(text)))"
            return try value.equals(try CELProgram(source).evaluate().get())
        }
        return ConformanceTests.same(try TaggedValue.write(value), wanted)
    }

    @Test func `format gives what Kubernetes gives`() throws {
        var failures: [String] = []
        // Two libraries disagree on a narrow space around the multiplication sign.
        func plain(_ text: String) -> String {
            String(
                text.unicodeScalars.filter { $0 != "\u{202F}" && $0 != " " && $0 != "\u{A0}" }.map(
                    Character.init))
        }
        let cases = try Corpus.cases("format-v1")
        for test in cases {
            let format = CELQuote.quote(test["format"]?.string ?? "")
            let source = "\(format).format([\(test["formatArgs"]?.string ?? "")])"
            var environment = CELEnvironment(features: .kubernetes)
            environment.foldsConstants = false
            do throws(CELError) {
                let program = try CELProgram(
                    source, in: environment, checks: test["skipCompileCheck"]?.bool != true)
                let outcome = program.run()
                guard case .string(let text) = try outcome.result.get() else {
                    failures.append("\(source): no text")
                    continue
                }
                if plain(text) != plain(test["expectedOutput"]?.string ?? "\u{0}") {
                    failures.append("\(source): \(text), not \(test["expectedOutput"]?.text ?? "")")
                }
                if let cost = test["expectedRuntimeCost"]?.integer, cost != Int64(outcome.cost) {
                    failures.append("\(source): costs \(outcome.cost), not \(cost)")
                }
            } catch {
                let wanted = test["err"]?.string
                let isForeign = source.contains("ext.TestAllTypes")
                if !isForeign, wanted == nil || !error.message.contains(wanted ?? "") {
                    failures.append("\(source): \(error), not \(wanted ?? "")")
                }
            }
        }
        Corpus.report("format-v1", cases.count, failures)
    }

    @Test func `evaluations cost what Kubernetes counts`() throws {
        var total = 0
        var failures: [String] = []
        for test in try Corpus.cases("cost-runtime") {
            let schema = try StructuralSchema(reading: test["schema"] ?? .null)
            for (rule, cost) in test["expectCost"]?.object ?? [:] {
                total += 1
                let rules = CRDRules(
                    schema.with { $0.rules = [ValidationRule(rule)] }, isObject: false)
                let outcome = rules.evaluate(test["obj"] ?? .null)
                let spent = CRDRules.budgetDefault - outcome.remainingBudget
                if spent != cost.integer {
                    let error = outcome.errors.first?.detail ?? ""
                    failures.append("\(rule): costs \(spent), not \(cost.text) \(error)")
                }
            }
        }
        Corpus.report("cost-runtime", total, failures)
    }

    @Test func `estimates of costs are those of a kube-apiserver`() throws {
        var total = 0
        var failures: [String] = []
        for test in try Corpus.cases("cost-estimate") {
            let schema = try StructuralSchema(reading: test["schema"] ?? .null)
            for (rule, cost) in test["expectCost"]?.object ?? [:] {
                total += 1
                let rules = CRDRules(
                    schema.with { $0.rules = [ValidationRule(rule)] }, isObject: false)
                guard let program = try rules.root?.rules[0].program.get() else { continue }
                let found = CostEstimator.estimate(program, rules.rootType)
                // Beyond int64 only the order of magnitude is comparable.
                let wanted = cost.double ?? 0
                let isSame = wanted < 1e15 ? Double(found) == wanted : Double(found) > 1e15
                if !isSame { failures.append("\(rule): \(found), not \(cost.text)") }
            }
        }
        Corpus.report("cost-estimate", total, failures)
    }
}

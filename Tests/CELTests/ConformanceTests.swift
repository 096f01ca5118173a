import KubernetesCore
import Testing

@testable import CEL

/// The conformance suite of CEL, in `../shared/cel/conformance`; skipped where that is absent.
@Suite(.enabled(if: Corpus.exists)) struct ConformanceTests {
    @Test func `every case of the conformance suite gives what it should`() throws {
        var total = 0
        var failures: [String] = []
        for file in try Corpus.files("conformance") {
            for section in file.json["sections"]?.array ?? [] {
                for test in section["tests"]?.array ?? [] {
                    total += 1
                    let name = [file.name, section["name"]?.string, test["name"]?.string]
                        .compactMap { $0 }.joined(separator: "/")
                    if let failure = Self.failure(of: test) {
                        failures.append("\(name): \(failure)")
                    }
                }
            }
        }
        Corpus.report("CEL conformance", total, failures)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `damaged expressions of the suite never make anything trap`(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(count, 1)
        }
        let symbols = "()[]{}.,?:!<>=+-*/%&|'\"\\0123456789"
        let spare = Array((symbols + "abefinorstuxLU\u{301}🐱").unicodeScalars)
        for file in try Corpus.files("conformance") {
            for section in file.json["sections"]?.array ?? [] {
                for test in section["tests"]?.array ?? [] {
                    var scalars = Array((test["expr"]?.string ?? "").unicodeScalars)
                    for _ in 0...next(4) where !scalars.isEmpty {
                        let place = next(scalars.count)
                        switch next(4) {
                        case 0: scalars.remove(at: place)
                        case 1: scalars[place] = spare[next(spare.count)]
                        case 2: scalars.insert(spare[next(spare.count)], at: place)
                        default: scalars.swapAt(place, next(scalars.count))
                        }
                    }
                    let source = StringLibrary.join(scalars[...])
                    let answer = CELLine.evaluate(
                        ["expr": .string(source), "bindings": test["bindings"] ?? .null])
                    #expect(answer["result"] != nil || answer["error"] != nil, "\(seed)")
                    _ = try? CELProgram(source, in: CELEnvironment(features: .all))
                }
            }
        }
    }

    private static func failure(of test: JSONValue) -> String? {
        // Kubernetes' own behaviour comes before the suite's where the two differ.
        let expected = test["k8s_expect"] ?? test["expect"] ?? .null
        let source = test["expr"]?.string ?? ""
        if let type = test["expect"]?["type"]?.string {
            if let failure = typeFailure(source, type, test) { return failure }
            if test["check_only"]?.bool == true { return nil }
        }
        var request: JSONValue = ["expr": .string(source)]
        request["bindings"] = test["bindings"]
        request["container"] = test["container"]
        let answer = CELLine.evaluate(request, zones: Corpus.zones)
        if expected["error"] != nil {
            return answer["error"] != nil ? nil : "\(source) gives \(answer.text), not an error"
        }
        guard let value = expected["value"] else { return "nothing is expected" }
        guard let result = answer["result"] else {
            return "\(source) fails: \(answer["error"]?.string ?? "")"
        }
        return same(result, value) ? nil : "\(source) gives \(result.text), not \(value.text)"
    }

    private static func typeFailure(
        _ source: String, _ type: String, _ test: JSONValue
    ) -> String? {
        var environment = CELEnvironment(features: .all)
        for declaration in test["type_env"]?.array ?? [] {
            guard let name = declaration["name"]?.string else { continue }
            for overload in declaration["function"]?.array ?? [] {
                // The only function of the suite is generic in all that it takes.
                let parameters = (overload["params"]?.array ?? []).indices.map(CELType.parameter)
                environment.declared[name, default: []].append(
                    CELSignature(
                        isMethod: false, parameters: parameters,
                        result: .opaque(name, parameters)))
            }
        }
        do {
            let (expression, text) = try CELParser.parse(source, features: .all)
            let found = try TypeChecker.check(expression, text, environment).0
            let shown = found == .null ? "null_type" : found.description
            return shown == type ? nil : "\(source) has type \(shown), not \(type)"
        } catch {
            return "\(source) does not pass the type checker: \(error)"
        }
    }

    /// Whether two tagged values are the same; entries of maps in any order, NaN like itself.
    static func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.array(let a), .array(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
        case (.object(let a), .object(let b)):
            guard a.keys == b.keys, let tag = a.keys.first else { return a == b }
            if tag == "double" {
                let x = Double(a[tag]?.string ?? "") ?? .nan
                let y = Double(b[tag]?.string ?? "") ?? .nan
                return x.isNaN && y.isNaN || x == y && x.sign == y.sign
            }
            if tag == "map", let x = a[tag]?.array, let y = b[tag]?.array {
                return x.count == y.count && x.allSatisfy { pair in y.contains { same(pair, $0) } }
            }
            return a == b
        default: return left == right
        }
    }
}
